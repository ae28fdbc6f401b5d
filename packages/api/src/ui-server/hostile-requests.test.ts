/** Requests that are no requests, ask for files elsewhere, or never end; and what answers say to everybody. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeOf, type OpenUi, openUi, PASSWORD, type SignedIn } from '../../testing/open-ui.ts';
import { addressIn, basicIn, cookieIn, queryObject } from './request-parts.ts';
import { routeOf } from './routes.ts';

const SECRET = 'what no request may read';

let ui: OpenUi;
let admin: SignedIn;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'peregrine-pages-'));
  mkdirSync(join(folder, 'pages/assets'), { recursive: true });
  writeFileSync(join(folder, 'secret.txt'), SECRET);
  writeFileSync(join(folder, 'pages/index.html'), '<!doctype html><title>pages</title>');
  writeFileSync(join(folder, 'pages/assets/main-abcdefgh.js'), 'export {};');
  writeFileSync(join(folder, 'pages/.env'), SECRET);
  writeFileSync(join(folder, 'pages/main.ts'), SECRET);
  ui = await openUi({ staticFolder: join(folder, 'pages') });
  await ui.addUser('ann', 'admin');
  admin = await ui.signIn('ann');
});
afterAll(async () => {
  await ui.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('files', () => {
  test.each([
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/%2e%2e%2fsecret.txt',
    '/..%5csecret.txt',
    '/assets/../../secret.txt',
    '/assets/%2e%2e/%2e%2e/secret.txt',
    '/....//secret.txt',
    '//etc/passwd.txt',
    '/%00../secret.txt',
    '/index.html%00.txt',
    '/.env',
    '/main.ts',
    'http://127.0.0.1/../secret.txt',
  ])('%s leads nowhere', async (path) => {
    const reply = await ui.send('GET', path);
    expect([400, 404]).toContain(reply.status);
    expect(reply.text).not.toContain(SECRET);
  });

  test('whatever the path, what is sent is one of them', async () => {
    const part = fc.constantFrom('..', '.', '%2e%2e', '%2f', '\\', 'secret.txt', 'assets', '%00', '~', '');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(part, fc.webSegment()), { maxLength: 6 }), async (parts) => {
        const { status, text } = await ui.send('GET', `/${parts.join('/')}`);
        expect(text).not.toContain(SECRET);
        if (status === 200) expect(text).toMatch(/<title>pages|^export \{\}/);
      }),
      { numRuns: 50 },
    );
  });
});

describe('bodies', () => {
  const signIn = (body: unknown, headers: Readonly<Record<string, string>> = {}) =>
    ui.send('POST', '/api/v2/session', { body, headers });

  test.each([
    ['no JSON', '{"name":', {}, 400, 'bad-json'],
    ['nothing', '', {}, 400, 'bad-json'],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]), {}, 400, 'not-utf8'],
    ['half a character', Buffer.from('"\u00e9"', 'latin1'), {}, 400, 'not-utf8'],
    ['another type', 'name=ann', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'not-json'],
    ['a type that only begins like JSON', '{}', { 'content-type': 'application/jsonp' }, 415, 'not-json'],
    ['nested too deeply', '['.repeat(100_000), {}, 400, 'too-deep'],
    ['of another shape', '[]', {}, 400, 'bad-request'],
    ['of another type', '{"name":{"$gt":""},"password":["x"]}', {}, 400, 'bad-request'],
    ['too long a name', JSON.stringify({ name: 'x'.repeat(257), password: '' }), {}, 400, 'bad-request'],
    [
      'too long a password',
      JSON.stringify({ name: 'x', password: 'x'.repeat(1_025) }),
      {},
      400,
      'bad-request',
    ],
  ])('%s', async (_, body, headers, status, code) => {
    const reply = await signIn(body, headers as Readonly<Record<string, string>>);
    expect([reply.status, codeOf(reply)]).toEqual([status, code]);
  });

  test('that are too large are refused as soon as that is known', async () => {
    const said = await ui.sendRaw(
      'POST /api/v2/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99999999\r\n\r\n{',
    );
    expect(said).toMatch(/^HTTP\/1.1 413 /);
    expect(said).toContain('"code":"too-large"');
    const sent = await signIn(JSON.stringify({ name: 'x', password: 'x'.repeat(1_100_000) }));
    expect(sent.status).toBe(413);
  });

  test('whatever they are, the answer is one of those that are documented', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.json(), fc.string()), async (body) => {
        const { status } = await ui.send('POST', '/api/v2/users', { headers: admin, body });
        expect([200, 400, 409]).toContain(status);
      }),
      { numRuns: 50 },
    );
    expect(ui.troubles).toEqual([]);
  });

  test('names with a prototype of objects are names like others', async () => {
    for (const name of ['__proto__', 'constructor', 'toString']) {
      expect((await signIn({ name, password: PASSWORD })).status).not.toBe(200);
      expect((await ui.send('GET', `/api/v2/${name}`, { headers: admin })).status).toBe(404);
      expect((await ui.send('DELETE', `/api/v2/users/${name}`, { headers: admin })).status).toBe(404);
    }
    await ui.send('POST', '/api/v2/users', {
      headers: admin,
      body: '{"__proto__":{"role":"admin"},"name":"eve","password":"another long password"}',
    });
    expect(await ui.accounts.user('eve')).toBeUndefined();
    ui.clock.nowMs += 3_600_001;
  });
});

describe('what is no HTTP', () => {
  test.each([
    ['another protocol', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc'],
    ['no request line', 'hello\r\n\r\n'],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx'],
    [
      'a length and chunks',
      'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a header that goes on', 'GET / HTTP/1.1\r\nHost: localhost\r\nX-A: b\r\n c: d\r\nBad Name: x\r\n\r\n'],
    ['no host', 'GET / HTTP/1.1\r\n\r\n'],
    ['a header that is too long', `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`],
  ])('%s is refused, and the connection ends', async (_, bytes) => {
    expect(await ui.sendRaw(bytes)).toMatch(/^HTTP\/1.1 4\d\d /);
  });

  test('a header that comes drop by drop, and nothing else, does not keep others out', async () => {
    const slow = connect(ui.server.port, '127.0.0.1', () => slow.write('GET / HTTP/1.1\r\nHost: loc'));
    try {
      expect((await ui.send('GET', '/api/v2/session')).status).toBe(200);
    } finally {
      slow.destroy();
    }
  });

  test.each([
    ['headers', 'POST /api/v2/session HTTP/1.1\r\nHost: loc'],
    [
      'a body',
      'POST /api/v2/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
    ],
  ])('%s that do not come to their end are not waited for', async (_, bytes) => {
    const impatient = await openUi({ requestLimitMs: 100 });
    try {
      expect(await impatient.sendRaw(bytes)).toMatch(/^HTTP\/1.1 408 /);
      expect(impatient.troubles).toEqual([]);
    } finally {
      await impatient.close();
    }
  });

  test('header lines cannot be added to answers', async () => {
    const reply = await ui.send('GET', '/sign-in/link/x%0d%0aset-cookie:%20a=b');
    expect([reply.headers['set-cookie'], reply.headers.location]).toEqual([undefined, '/sign-in?link=used']);
  });
});

describe('answers', () => {
  test.each([
    '/',
    '/assets/main-abcdefgh.js',
    '/api/v2/session',
    '/api/v2/alerts',
    '/api/v1/version',
    '/nothing.txt',
  ])('of %s tell browsers to trust nothing else', async (path) => {
    const { headers } = await ui.send('GET', path);
    expect(headers).toMatchObject({
      'content-security-policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
    for (const name of ['access-control-allow-origin', 'server', 'x-powered-by'])
      expect(headers[name]).toBeUndefined();
  });

  test('of the API are kept by nobody', async () => {
    for (const path of ['/api/v2/session', '/api/v2/alerts', '/api/v1/version'])
      expect((await ui.send('GET', path)).headers['cache-control']).toBe('no-store');
  });

  test('to a request that fails here say nothing of why; the log does', async () => {
    const failing = await openUi({
      handlers: new Proxy({} as never, {
        get: () => async () => {
          throw new Error('cannot read /var/lib/peregrine/secret');
        },
      }),
    });
    try {
      await failing.addUser('ann', 'admin');
      const reply = await failing.send('GET', '/api/v2/overview', { headers: await failing.signIn('ann') });
      expect([reply.status, reply.text]).toEqual([
        500,
        '{"error":"the request failed; the log says why","code":"failed"}',
      ]);
      expect(failing.troubles).toEqual([expect.stringContaining('/var/lib/peregrine/secret')]);
    } finally {
      await failing.close();
    }
  });

  test('put what they were sent into JSON, never into a page', async () => {
    const hostile = '<script>alert(1)</script>';
    for (const path of [
      `/api/v2/${hostile}`,
      `/api/v2/alerts?limit=${hostile}`,
      `/api/v1/events/count/${hostile}`,
    ]) {
      const reply = await ui.send('GET', encodeURI(path), { headers: admin });
      expect(reply.status).toBeGreaterThanOrEqual(400);
      expect(reply.headers['content-type']).toBe('application/json; charset=utf-8');
    }
  });
});

test('parts of requests are read or not, and never throw anything else', () => {
  const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.webUrl());
  fc.assert(
    fc.property(text, text, (one, other) => {
      cookieIn(one, other);
      basicIn(`Basic ${one}`);
      const address = addressIn(`/${one}`);
      if (address === undefined) return;
      queryObject(address.query, new Set([other]));
      routeOf('GET', address.parts);
    }),
  );
});

test('credentials come back as they were sent, colons in passwords and all', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (name, password) => {
      fc.pre(!name.includes(':'));
      const encoded = Buffer.from(`${name}:${password}`).toString('base64');
      expect(basicIn(`Basic ${encoded}`)).toEqual({ name, password });
    }),
  );
});
