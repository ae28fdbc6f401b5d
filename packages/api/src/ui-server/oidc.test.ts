/** Signing in at an OpenID provider, and everything about it that must not work. */

import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cookiesOf, type OpenUi, openUi, type Reply } from '../../testing/open-ui.ts';
import {
  CLIENT_ID,
  CLIENT_SECRET,
  type OpenIdProvider,
  openIdProvider,
  signedByAnother,
  unsigned,
} from '../../testing/openid-provider.ts';
import { claimAt } from './oidc-provider.ts';
import type { OidcOptions } from './oidc-sign-in.ts';

let provider: OpenIdProvider;
let ui: OpenUi;
beforeEach(async () => {
  provider = await openIdProvider();
  provider.person = { sub: '17', preferred_username: 'ann', groups: ['staff', 'sec-admins'] };
  ui = await openUi({ oidc: settings() });
});
afterEach(async () => {
  await ui.close();
  await provider.close();
});

const settings = (): OidcOptions => ({
  ...{ issuer: provider.issuer, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, title: 'Example Login' },
  ...{ scopes: ['openid', 'profile'], rolesClaim: 'groups', defaultRole: undefined },
  roles: { 'sec-admins': 'admin', 'on-call': 'responder', staff: 'viewer' },
});

const cookieOf = (reply: Reply, name: string): string =>
  cookiesOf(reply)
    .find((cookie) => cookie.startsWith(`${name}=`))
    ?.split(';')[0] ?? '';

async function leave(): Promise<{ readonly address: URL; readonly cookie: string }> {
  const reply = await ui.send('GET', '/sign-in/oidc');
  return { address: new URL(reply.headers.location ?? ''), cookie: cookieOf(reply, 'peregrine-oidc') };
}

const comeBack = (back: URL, cookie: string): Promise<Reply> =>
  ui.send('GET', back.pathname + back.search, { headers: { cookie } });

/** The whole way: where it ends, and the session that begins. */
async function signIn(): Promise<{ readonly location: string | undefined; readonly session: string }> {
  const { address, cookie } = await leave();
  const reply = await comeBack(provider.authorize(address), cookie);
  return { location: reply.headers.location, session: cookieOf(reply, 'peregrine-session') };
}

const who = async (cookie: string): Promise<unknown> =>
  JSON.parse((await ui.send('GET', '/api/v2/session', { headers: { cookie } })).text).user;

test('pages know of it, and of whether there are passwords besides', async () => {
  const session = async () => JSON.parse((await ui.send('GET', '/api/v2/session')).text);
  expect(await session()).toMatchObject({
    hasPasswords: false,
    oidc: { title: 'Example Login', path: '/sign-in/oidc' },
  });
  await ui.addUser('bob', 'viewer');
  expect(await session()).toMatchObject({ hasPasswords: true });
});

test('who comes back is in, with the highest role that the claim gives', async () => {
  const { address, cookie } = await leave();
  expect(Object.fromEntries(address.searchParams)).toEqual({
    response_type: 'code',
    client_id: CLIENT_ID,
    redirect_uri: `${ui.server.url}/sign-in/oidc/callback`,
    scope: 'openid profile',
    state: expect.stringMatching(/^[\w-]{43}$/),
    nonce: expect.stringMatching(/^[\w-]{43}$/),
    code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    code_challenge_method: 'S256',
  });
  const reply = await comeBack(provider.authorize(address), cookie);
  expect([reply.status, reply.headers.location]).toEqual([303, '/']);
  expect(cookiesOf(reply)).toEqual([
    'peregrine-oidc=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0',
    expect.stringMatching(/^peregrine-session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/),
  ]);
  expect(await who(cookieOf(reply, 'peregrine-session'))).toEqual({
    name: 'ann',
    role: 'admin',
    via: 'oidc',
  });
  expect(await ui.accounts.user('ann')).toMatchObject({ source: 'oidc', role: 'admin' });
  expect(provider.refusals).toEqual([]);
});

test('what the ID token lacks is asked of the provider; a role that is gone is gone with the next sign-in', async () => {
  await signIn();
  provider.person = { sub: '17' };
  provider.userInfo = { sub: '17', preferred_username: 'ann', groups: ['on-call'] };
  expect(await who((await signIn()).session)).toEqual({ name: 'ann', role: 'responder', via: 'oidc' });
  provider.userInfo = { sub: '18', preferred_username: 'ann', groups: ['sec-admins'] };
  expect((await signIn()).location).toBe('/sign-in?oidc=refused');
});

test('a session ends after a day, so that who is gone at the provider is gone here', async () => {
  const { session } = await signIn();
  for (const hours of [8, 8, 7]) {
    ui.clock.nowMs += hours * 3_600_000;
    expect(await who(session)).not.toBeNull();
  }
  ui.clock.nowMs += 3_600_000;
  expect(await who(session)).toBeNull();
});

test.each([
  ['signed by another key', { token: signedByAnother }],
  ['not signed', { token: unsigned }],
  ['with another character', { token: (token: string) => token.replace(/\.(.)/, '.f') }],
  ['for another client', { claims: (claims: object) => ({ ...claims, aud: 'other' }) }],
  ['of another issuer', { claims: (claims: object) => ({ ...claims, iss: 'https://evil.example.org' }) }],
  [
    'that has expired',
    { claims: (claims: object) => ({ ...claims, exp: Math.floor(Date.now() / 1000) - 60 }) },
  ],
  [
    'with the nonce of another sign-in',
    { claims: (claims: object) => ({ ...claims, nonce: 'x'.repeat(43) }) },
  ],
  ['without a nonce', { claims: (claims: object) => ({ ...claims, nonce: undefined }) }],
  ['without a subject', { claims: (claims: object) => ({ ...claims, sub: undefined }) }],
])('an ID token %s is refused', async (_, tamper) => {
  provider.tamper = tamper;
  expect(await signIn()).toEqual({ location: '/sign-in?oidc=refused', session: '' });
  expect(await ui.accounts.users()).toEqual([]);
  expect(ui.troubles).toEqual([expect.stringMatching(/^somebody could not sign in with OpenID Connect: ./)]);
});

test('an answer is good once, for the browser that asked, with the state that it left with', async () => {
  const { address, cookie } = await leave();
  const back = provider.authorize(address);
  const other = await leave();
  // Somebody else's answer, put into the browser of a victim.
  expect((await comeBack(back, other.cookie)).headers.location).toBe('/sign-in?oidc=refused');
  expect((await comeBack(back, '')).headers.location).toBe('/sign-in?oidc=expired');
  expect((await comeBack(back, cookie)).headers.location).toBe('/');
  expect((await comeBack(back, cookie)).headers.location).toBe('/sign-in?oidc=expired');
  const wrong = await leave();
  const forged = provider.authorize(wrong.address);
  forged.searchParams.set('state', 'x'.repeat(43));
  expect((await comeBack(forged, wrong.cookie)).headers.location).toBe('/sign-in?oidc=refused');
});

test('a code that was issued for another challenge is not exchanged', async () => {
  const { address, cookie } = await leave();
  address.searchParams.set('code_challenge', 'x'.repeat(43));
  expect((await comeBack(provider.authorize(address), cookie)).headers.location).toBe(
    '/sign-in?oidc=refused',
  );
  expect(provider.refusals).toEqual(['another verifier']);
});

test('an attempt that takes longer than ten minutes is over', async () => {
  const { address, cookie } = await leave();
  ui.clock.nowMs += 600_000;
  expect((await comeBack(provider.authorize(address), cookie)).headers.location).toBe(
    '/sign-in?oidc=expired',
  );
});

test('who says no at the provider is told so', async () => {
  const { address, cookie } = await leave();
  const back = provider.authorize(address);
  back.searchParams.delete('code');
  back.searchParams.set('error', 'access_denied');
  expect((await comeBack(back, cookie)).headers.location).toBe('/sign-in?oidc=denied');
  const again = await leave();
  const odd = provider.authorize(again.address);
  odd.searchParams.set('error', 'x\n[ERROR] something else\u001b[2J');
  expect((await comeBack(odd, again.cookie)).headers.location).toBe('/sign-in?oidc=refused');
  expect(ui.troubles.at(-1)).toMatch(/: the provider says x \[ERROR\] something else \[2J$/);
});

test('who has no role, a name of somebody else, or is locked out, is not in', async () => {
  provider.person = { sub: '17', preferred_username: 'ann', groups: ['other', '__proto__', 'constructor'] };
  expect((await signIn()).location).toBe('/sign-in?oidc=no-role');
  await ui.addUser('bob', 'viewer');
  provider.person = { sub: '17', preferred_username: 'bob', groups: ['sec-admins'] };
  expect((await signIn()).location).toBe('/sign-in?oidc=name-taken');
  expect(await ui.accounts.user('bob')).toMatchObject({ role: 'viewer', source: 'password' });
  provider.person = { sub: '17', preferred_username: 'ann', groups: ['staff'] };
  expect((await signIn()).location).toBe('/');
  provider.person = { sub: '18', preferred_username: 'ann', groups: ['sec-admins'] };
  expect((await signIn()).location).toBe('/sign-in?oidc=name-taken');
  for (const name of ['a:b', 'x'.repeat(257), 'a\u202eb', 'a\u0000']) {
    provider.person = { sub: '19', preferred_username: name, groups: ['staff'] };
    expect((await signIn()).location).toBe('/sign-in?oidc=bad-name');
  }
  await ui.accounts.changeUser('ann', { isDisabled: true });
  provider.person = { sub: '17', preferred_username: 'ann', groups: ['staff'] };
  expect((await signIn()).location).toBe('/sign-in?oidc=locked-out');
});

test('an address that nobody confirmed is nobody', async () => {
  provider.person = { sub: '17', email: 'ann@example.org', email_verified: false, groups: ['staff'] };
  provider.userInfo = { sub: '17' };
  expect(await who((await signIn()).session)).toMatchObject({ name: '17' });
});

test('no password opens the account of who signs in elsewhere', async () => {
  await signIn();
  const { passwordHash = '' } = (await ui.accounts.user('ann')) ?? {};
  for (const password of ['', passwordHash, '17']) {
    const { status } = await ui.send('POST', '/api/v2/session', { body: { name: 'ann', password } });
    expect(status).toBe(401);
  }
});

test('a provider that is away is told of at the start, and to who wants to sign in', async () => {
  const { issuer } = provider;
  await provider.close();
  const away = await openUi({ oidc: { ...settings(), issuer } });
  try {
    const { headers } = await away.send('GET', '/sign-in/oidc');
    expect(headers.location).toBe('/sign-in?oidc=unreachable');
    expect(away.troubles).toEqual([
      expect.stringMatching(/^nobody can sign in with OpenID Connect for now: .*ECONNREFUSED/),
      expect.stringMatching(/^somebody could not sign in with OpenID Connect: .*ECONNREFUSED/),
    ]);
    expect((await away.send('GET', '/api/v2/session')).status).toBe(200);
  } finally {
    await away.close();
    provider = await openIdProvider();
  }
});

test('a claim is found by its whole name or by the parts of it, and nowhere else', () => {
  expect(claimAt({ realm_access: { roles: ['a'] } }, 'realm_access.roles')).toEqual(['a']);
  expect(claimAt({ 'https://example.org/roles': 'a' }, 'https://example.org/roles')).toBe('a');
  for (const name of ['constructor', '__proto__', 'constructor.name', 'a.length'])
    expect(claimAt({ a: 'text' }, name)).toBeUndefined();
  fc.assert(
    fc.property(fc.object(), fc.string(), (claims, name) => {
      claimAt(claims, name);
    }),
  );
});
