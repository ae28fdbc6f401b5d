/** Who may do what: every operation of the contract, asked by every kind of caller; requests that other sites make. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeOf, type OpenUi, openUi, PASSWORD, type SignedIn } from '../../testing/open-ui.ts';
import { type Operation, operations, roles } from '../contract/index.ts';

let ui: OpenUi;
const sessions = new Map<string, SignedIn>();
beforeAll(async () => {
  ui = await openUi();
  for (const role of roles) {
    await ui.addUser(role, role);
    sessions.set(role, await ui.signIn(role));
  }
});
afterAll(() => ui.close());

const headersOf = (role: string): SignedIn => sessions.get(role) ?? { cookie: '', 'x-csrf-token': '' };
const all = Object.entries<Operation>(operations).map(([name, operation]) => ({
  name,
  operation,
  path: `/api/v2${operation.path.replaceAll(/\{\w+\}/g, 'x')}`,
}));
const guarded = all.filter(({ operation }) => operation.role !== 'anyone');

test('what anybody may do is to see who is signed in, and to sign in and out', () => {
  expect(all.filter(({ operation }) => operation.role === 'anyone').map(({ name }) => name)).toEqual([
    'getSession',
    'signIn',
    'signOut',
  ]);
});

describe.each(guarded)('$name', ({ operation, path }) => {
  const rank = roles.findIndex((role) => role === operation.role);
  const body = operation.body === undefined ? undefined : {};

  test('is refused to who has not signed in, before anything is read', async () => {
    ui.reached.length = 0;
    const reply = await ui.send(operation.method, path, { body });
    expect([reply.status, codeOf(reply)]).toEqual([401, 'not-signed-in']);
    const forged = { cookie: 'peregrine-session=AAAA', 'x-csrf-token': 'AAAA' };
    expect((await ui.send(operation.method, path, { headers: forged, body })).status).toBe(401);
    expect(ui.reached).toEqual([]);
  });

  test.each(roles.slice(0, rank))('is refused to a %s', async (role) => {
    ui.reached.length = 0;
    const reply = await ui.send(operation.method, path, { headers: headersOf(role), body });
    expect([reply.status, codeOf(reply)]).toEqual([403, 'not-allowed']);
    expect(ui.reached).toEqual([]);
  });

  test.each(roles.slice(rank))('is not refused to a %s', async (role) => {
    const reply = await ui.send(operation.method, path, { headers: headersOf(role), body });
    expect([401, 403]).not.toContain(reply.status);
    expect(reply.status).toBeLessThan(500);
  });

  test('is done by its own method only', async () => {
    for (const method of ['TRACE', 'PROPFIND', 'OPTIONS']) {
      const reply = await ui.send(method, path, { headers: headersOf('admin') });
      expect([reply.status, reply.headers['access-control-allow-origin']]).toEqual([405, undefined]);
    }
  });
});

test.each(guarded.filter(({ operation }) => operation.method !== 'GET'))(
  '$name is not done for other sites, nor without the token',
  async ({ operation, path }) => {
    const body = operation.body === undefined ? undefined : {};
    ui.reached.length = 0;
    const { cookie, ...rest } = headersOf('admin');
    const codes = await Promise.all(
      [
        { cookie },
        { cookie, 'x-csrf-token': '' },
        { cookie, 'x-csrf-token': headersOf('viewer')['x-csrf-token'] },
        { cookie, ...rest, origin: 'https://evil.example.org' },
        { cookie, ...rest, origin: 'null' },
        { cookie, ...rest, origin: `http://localhost:${ui.server.port + 1}` },
        { cookie, ...rest, 'sec-fetch-site': 'cross-site' },
        { cookie, ...rest, 'sec-fetch-site': 'same-site' },
      ].map(async (headers) => codeOf(await ui.send(operation.method, path, { headers, body }))),
    );
    expect(codes).toEqual([
      ...['csrf', 'csrf', 'csrf', 'cross-site', 'cross-site', 'cross-site', 'cross-site', 'cross-site'],
    ]);
    expect(ui.reached).toEqual([]);
  },
);

test("nobody's session is at hand through the session of another", async () => {
  const viewer = headersOf('viewer');
  const mixed = { cookie: viewer.cookie, 'x-csrf-token': headersOf('admin')['x-csrf-token'] };
  expect((await ui.send('DELETE', '/api/v2/session', { headers: mixed })).status).toBe(403);
  expect((await ui.send('GET', '/api/v2/users', { headers: headersOf('admin') })).status).toBe(200);
  // The first cookie of that name counts, as browsers send the one with the longest path first.
  const twice = { cookie: `${viewer.cookie}; ${headersOf('admin').cookie}` };
  expect((await ui.send('GET', '/api/v2/users', { headers: twice })).status).toBe(403);
});

describe('under another name', () => {
  test.each([
    'evil.example.org',
    'evil.example.org:2802',
    '127.0.0.1.evil.example.org',
    'localhost.',
    '0.0.0.0',
  ])('a server on loopback does not answer: `%s`', async (host) => {
    for (const path of ['/', '/api/v2/session', '/api/v1/healthz']) {
      const reply = await ui.send('GET', path, { headers: { host } });
      expect([reply.status, codeOf(reply)]).toEqual([421, 'wrong-host']);
    }
    const posted = await ui.send('POST', '/', { headers: { host, origin: `http://${host}` }, body: {} });
    expect(posted.status).toBe(421);
    expect(ui.events).toEqual([]);
  });

  test.each(['localhost', 'LOCALHOST:80', '127.0.0.1', '127.0.0.2:9', '[::1]:2802'])(
    'that is of this machine it does: `%s`',
    async (host) => {
      expect((await ui.send('GET', '/api/v2/session', { headers: { host } })).status).toBe(200);
    },
  );
});

describe('where nobody is asked', () => {
  let open: OpenUi;
  beforeAll(async () => {
    open = await openUi({ isOpen: true });
  });
  afterAll(() => open.close());

  test('a page elsewhere can neither read the token nor do without it', async () => {
    const { text } = await open.send('GET', '/api/v2/session');
    const { csrfToken } = JSON.parse(text);
    expect(codeOf(await open.send('GET', '/api/v2/session', { headers: { host: 'evil.example.org' } }))).toBe(
      'wrong-host',
    );
    const post = (headers: Readonly<Record<string, string>>) =>
      open.send('POST', '/api/v2/outputs/x/test', { headers });
    expect(codeOf(await post({}))).toBe('csrf');
    expect(codeOf(await post({ 'x-csrf-token': csrfToken, origin: 'https://evil.example.org' }))).toBe(
      'cross-site',
    );
    expect((await post({ 'x-csrf-token': csrfToken })).status).toBe(200);
    expect(open.reached).toMatchObject([{ name: 'testOutput', caller: { name: 'local', via: 'open' } }]);
  });
});

describe('in the manner of Falcosidekick-UI', () => {
  const basic = (name: string, password: string): Readonly<Record<string, string>> => ({
    authorization: `Basic ${btoa(`${name}:${password}`)}`,
  });

  test('what is kept is shown to users only', async () => {
    for (const path of [
      'events/search',
      'events/count',
      'events/count/priority',
      'outputs',
      'configuration',
      'version',
    ]) {
      const refused = await ui.send('GET', `/api/v1/${path}`);
      expect([refused.status, refused.text, refused.headers['www-authenticate']]).toEqual([
        ...[401, '"unauthorized"', 'Basic realm="Peregrine"'],
      ]);
      const answered = await ui.send('GET', `/api/v1/${path}`, { headers: basic('viewer', PASSWORD) });
      expect(answered.status).toBe(200);
    }
    expect((await ui.send('GET', '/api/v1/events/count', { headers: basic('viewer', 'wrong') })).status).toBe(
      401,
    );
    expect((await ui.send('POST', '/api/v1/auth', { headers: basic('viewer', PASSWORD) })).status).toBe(200);
    expect((await ui.send('GET', '/api/v1/healthz')).status).toBe(200);
  });

  test('credentials that were right are forgotten when the user is locked out', async () => {
    await ui.addUser('eve', 'viewer');
    const ask = async () =>
      (await ui.send('GET', '/api/v1/version', { headers: basic('eve', PASSWORD) })).status;
    expect([await ask(), await ask()]).toEqual([200, 200]);
    await ui.send('PATCH', '/api/v2/users/eve', { headers: headersOf('admin'), body: { isDisabled: true } });
    expect(await ask()).toBe(401);
  });

  test('events are taken from senders, and not from pages of other sites', async () => {
    ui.events.length = 0;
    const post = (path: string, headers: Readonly<Record<string, string>> = {}) =>
      ui.send('POST', path, { headers, body: { event: {}, outputs: [] } });
    expect((await post('/api/v1/')).status).toBe(200);
    expect((await post('/api/v1/events/add')).status).toBe(200);
    expect((await post('/')).status).toBe(200);
    expect(ui.events).toHaveLength(3);
    expect((await post('/', { origin: 'https://evil.example.org' })).status).toBe(403);
    // What a form can send without asking first.
    expect((await post('/', { 'content-type': 'text/plain' })).status).toBe(415);
    expect(ui.events).toHaveLength(3);
  });
});
