/** Signing in, sessions from their begin to their end, and users. */

import { afterEach, beforeEach, expect, test } from 'vitest';
import { codeOf, cookiesOf, type OpenUi, openUi, PASSWORD } from '../../testing/open-ui.ts';

const HOUR_MS = 3_600_000;

let ui: OpenUi;
beforeEach(async () => {
  ui = await openUi();
  await ui.addUser('ann', 'admin');
  await ui.addUser('vic', 'viewer');
});
afterEach(() => ui.close());

const who = async (headers: Readonly<Record<string, string>>): Promise<unknown> =>
  JSON.parse((await ui.send('GET', '/api/v2/session', { headers })).text).user?.name ?? null;

test('whoever knows a password is in, with a cookie that no script reads and no other site sends', async () => {
  const reply = await ui.send('POST', '/api/v2/session', { body: { name: 'ann', password: PASSWORD } });
  expect(reply.status).toBe(200);
  expect(JSON.parse(reply.text)).toMatchObject({
    user: { name: 'ann', role: 'admin', via: 'password' },
    hasPasswords: true,
  });
  const [cookie, ...more] = cookiesOf(reply);
  expect(more).toEqual([]);
  expect(cookie).toMatch(/^peregrine-session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
  // Neither the password nor the session's token is kept as it is.
  const token = /=([^;]+)/.exec(cookie ?? '')?.[1] ?? '';
  expect(await ui.accounts.session(token)).toBeUndefined();
  expect((await ui.accounts.user('ann'))?.passwordHash).not.toContain(PASSWORD);
});

test('behind a proxy with HTTPS, cookies are for this host over TLS only', async () => {
  await ui.close();
  ui = await openUi({ publicUrl: new URL('https://alerts.example.org') });
  await ui.addUser('ann', 'admin');
  const headers = { host: 'alerts.example.org', origin: 'https://alerts.example.org' };
  const reply = await ui.send('POST', '/api/v2/session', {
    headers,
    body: { name: 'ann', password: PASSWORD },
  });
  expect(cookiesOf(reply)).toEqual([
    expect.stringMatching(/^__Host-peregrine=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Secure$/),
  ]);
  expect(reply.headers['strict-transport-security']).toBe('max-age=31536000');
});

test('one sees the own sessions, ends the others, and has no say over those of somebody else', async () => {
  const [here, there, vic] = [await ui.signIn('ann'), await ui.signIn('ann'), await ui.signIn('vic')];
  const listed = async (headers: Readonly<Record<string, string>>): Promise<unknown[]> =>
    JSON.parse((await ui.send('GET', '/api/v2/session/all', { headers })).text).sessions;
  const at = '2026-11-26T10:00:00.000Z';
  const one = { via: 'password', createdAt: at, lastSeenAt: at };
  expect(await listed(here)).toHaveLength(2);
  expect(await listed(here)).toEqual(
    expect.arrayContaining([
      { ...one, isThis: true },
      { ...one, isThis: false },
    ]),
  );
  expect(JSON.stringify(await listed(here))).not.toMatch(/token/i);
  expect((await ui.send('DELETE', '/api/v2/session/others', { headers: here })).status).toBe(200);
  expect(await listed(here)).toEqual([{ ...one, isThis: true }]);
  expect([await who(here), await who(there), await who(vic)]).toEqual(['ann', null, 'vic']);
});

test('sessions that nobody used for long are not listed', async () => {
  await ui.signIn('ann');
  ui.clock.nowMs += 13 * HOUR_MS;
  const headers = await ui.signIn('ann');
  const { text } = await ui.send('GET', '/api/v2/session/all', { headers });
  expect(JSON.parse(text).sessions).toHaveLength(1);
});

test('administrators end the sessions of a user, who can sign in again', async () => {
  const [ann, vic] = [await ui.signIn('ann'), await ui.signIn('vic')];
  const end = (name: string, headers: typeof ann) =>
    ui.send('DELETE', `/api/v2/users/${name}/sessions`, { headers });
  expect((await end('ann', vic)).status).toBe(403);
  expect((await end('nobody', ann)).status).toBe(404);
  expect((await end('vic', ann)).status).toBe(200);
  expect([await who(ann), await who(vic)]).toEqual(['ann', null]);
  expect(await who(await ui.signIn('vic'))).toBe('vic');
});

test('a wrong password and a name that there is none of are answered alike', async () => {
  const replies = await Promise.all(
    ['ann', 'nobody', ''.padEnd(256, 'x')].map((name) =>
      ui.send('POST', '/api/v2/session', { body: { name, password: 'wrong' } }),
    ),
  );
  expect(new Set(replies.map(({ status, text }) => `${status} ${text}`))).toEqual(
    new Set(['401 {"error":"name or password is wrong","code":"wrong-password"}']),
  );
  expect(replies.flatMap(cookiesOf)).toEqual([]);
});

test('who signs in gets a new session, and the one that the browser had ends', async () => {
  const first = await ui.signIn('vic');
  const second = await ui.signIn('ann', { headers: { ...first } });
  expect(second.cookie).not.toBe(first.cookie);
  expect(second['x-csrf-token']).not.toBe(first['x-csrf-token']);
  expect([await who(first), await who(second)]).toEqual([null, 'ann']);
});

test('a value of the cookie that somebody else chose never becomes a session', async () => {
  const chosen = { cookie: 'peregrine-session=chosen-by-somebody-else' };
  const [cookie] = cookiesOf(
    await ui.send('POST', '/api/v2/session', { headers: chosen, body: { name: 'ann', password: PASSWORD } }),
  );
  expect(cookie).not.toContain('chosen-by-somebody-else');
  expect(await who(chosen)).toBeNull();
});

test('a session that nobody uses ends after twelve hours, and any after a week', async () => {
  const idle = await ui.signIn('ann');
  ui.clock.nowMs += 12 * HOUR_MS - 1;
  expect(await who(idle)).toBe('ann');
  ui.clock.nowMs += 12 * HOUR_MS;
  expect(await who(idle)).toBeNull();
  const used = await ui.signIn('ann');
  for (let i = 0; i < 15; i++) {
    ui.clock.nowMs += 11 * HOUR_MS;
    expect(await who(used)).toBe('ann');
  }
  ui.clock.nowMs += 3 * HOUR_MS;
  expect(await who(used)).toBeNull();
});

test('signing out ends the session at the server, too', async () => {
  const session = await ui.signIn('ann');
  const reply = await ui.send('DELETE', '/api/v2/session', { headers: session });
  expect(cookiesOf(reply)).toEqual(['peregrine-session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0']);
  expect(await who(session)).toBeNull();
});

test("a new password ends the user's other sessions, and takes the old one", async () => {
  const here = await ui.signIn('vic');
  const there = await ui.signIn('vic');
  const other = await ui.signIn('ann');
  const put = (current: string, next: string) =>
    ui.send('PUT', '/api/v2/session/password', { headers: here, body: { current, next } });
  expect(codeOf(await put('not the present one', 'another long password'))).toBe('wrong-password');
  for (const weak of ['short', 'aaaaaaaaaaaaaa', '123456789012'])
    expect((await put(PASSWORD, weak)).status).toBe(400);
  expect((await put(PASSWORD, 'another long password')).status).toBe(200);
  expect([await who(here), await who(there), await who(other)]).toEqual(['vic', null, 'ann']);
  const body = { name: 'vic', password: PASSWORD };
  expect((await ui.send('POST', '/api/v2/session', { body })).status).toBe(401);
});

test.each([
  ['is locked out', { isDisabled: true }],
  ['gets another password', { password: 'another long password' }],
])('the sessions of a user who %s end', async (_, body) => {
  const admin = await ui.signIn('ann');
  const session = await ui.signIn('vic');
  expect((await ui.send('PATCH', '/api/v2/users/vic', { headers: admin, body })).status).toBe(200);
  expect(await who(session)).toBeNull();
});

test('the sessions of a user who is removed end, and a role counts from the next request on', async () => {
  const admin = await ui.signIn('ann');
  await ui.addUser('bob', 'admin');
  const bob = await ui.signIn('bob');
  const users = () => ui.send('GET', '/api/v2/users', { headers: bob });
  expect((await users()).status).toBe(200);
  await ui.send('PATCH', '/api/v2/users/bob', { headers: admin, body: { role: 'viewer' } });
  expect((await users()).status).toBe(403);
  await ui.send('DELETE', '/api/v2/users/bob', { headers: admin });
  expect((await users()).status).toBe(401);
});

test('the last administrator stays one', async () => {
  const headers = await ui.signIn('ann');
  for (const body of [{ role: 'viewer' }, { isDisabled: true }])
    expect(codeOf(await ui.send('PATCH', '/api/v2/users/ann', { headers, body }))).toBe('last-admin');
  expect(codeOf(await ui.send('DELETE', '/api/v2/users/ann', { headers }))).toBe('last-admin');
});

test('the link of the first start works once, for ten minutes, and for nobody who guesses', async () => {
  const pathOf = (link: string): string => new URL(link).pathname;
  const follow = (path: string) => ui.send('GET', path);
  const link = pathOf(ui.server.createLink());
  const guessed = await follow('/sign-in/link/guessed');
  expect([guessed.headers.location, cookiesOf(guessed)]).toEqual(['/sign-in?link=used', []]);
  const followed = await follow(link);
  expect(followed.headers.location).toBe('/');
  expect(await who({ cookie: cookiesOf(followed)[0]?.split(';')[0] ?? '' })).toBe('local');
  expect(cookiesOf(await follow(link))).toEqual([]);
  const late = pathOf(ui.server.createLink());
  ui.clock.nowMs += 10 * 60_000 + 1;
  expect(cookiesOf(await follow(late))).toEqual([]);
});

test('the audit log tells who did what, from where, also what was refused', async () => {
  const admin = await ui.signIn('ann');
  await ui.send('POST', '/api/v2/session', { body: { name: 'ann', password: 'wrong' } });
  const viewer = await ui.signIn('vic');
  await ui.send('DELETE', '/api/v2/users/ann', { headers: viewer });
  await ui.send('DELETE', '/api/v2/users/vic', { headers: { cookie: admin.cookie } });
  await ui.send('DELETE', '/api/v2/users/vic', { headers: admin });
  const { text } = await ui.send('GET', '/api/v2/audit-log', { headers: admin });
  const told = JSON.parse(text).entries.map(
    ({ user, address, action, target, detail }: Readonly<Record<string, string>>) =>
      [user, address, action, target, detail].join(' '),
  );
  expect(told).toEqual([
    'ann 127.0.0.1 removeUser vic done',
    'ann 127.0.0.1 removeUser vic csrf',
    'vic 127.0.0.1 removeUser ann not-allowed',
    'vic 127.0.0.1 signIn vic done',
    'ann 127.0.0.1 signIn ann wrong-password',
    'ann 127.0.0.1 signIn ann done',
  ]);
  expect(text).not.toContain(PASSWORD);
});
