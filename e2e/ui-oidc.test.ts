/** Signing in at an OpenID provider, with a hub as it is started. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  CLIENT_ID,
  CLIENT_SECRET,
  type OpenIdProvider,
  openIdProvider,
} from '../packages/api/testing/openid-provider.ts';
import { HubWithUi, LIMIT_MS } from './ui-program.ts';

let provider: OpenIdProvider;
let hub: HubWithUi;
beforeAll(async () => {
  provider = await openIdProvider();
  hub = new HubWithUi();
  const oidc = `issuer: "${provider.issuer.origin}", clientid: ${CLIENT_ID}, clientsecret: "${CLIENT_SECRET}"`;
  await hub.start('', `oidc: { ${oidc}, rolesclaim: realm.roles, roles: { ops: responder } }`);
}, LIMIT_MS);
afterAll(async () => {
  await hub.end();
  await provider.close();
});

const get = (path: string, cookie = ''): Promise<Response> =>
  fetch(new URL(path, hub.uiUrl), { redirect: 'manual', headers: { cookie } });
const cookieIn = (response: Response, name: string): string =>
  response.headers
    .getSetCookie()
    .find((cookie) => cookie.startsWith(`${name}=`))
    ?.split(';')[0] ?? '';

test('people come in with the role that the configuration gives their group, and nobody else does', async () => {
  expect((await get('/api/v2/alerts')).status).toBe(401);
  const leaving = await get('/sign-in/oidc');
  const back = provider.authorize(new URL(leaving.headers.get('location') ?? ''));
  provider.person = { sub: '1', preferred_username: 'ann', realm: { roles: ['ops'] } };
  const arrived = await get(back.href, cookieIn(leaving, 'peregrine-oidc'));
  expect([arrived.status, arrived.headers.get('location')]).toEqual([303, '/']);
  const cookie = cookieIn(arrived, 'peregrine-session');
  expect(await (await get('/api/v2/session', cookie)).json()).toMatchObject({
    user: { name: 'ann', role: 'responder', via: 'oidc' },
    hasPasswords: false,
    oidc: { title: 'Single sign-on' },
  });
  expect((await get('/api/v2/alerts', cookie)).status).toBe(200);
  expect((await get('/api/v2/users', cookie)).status).toBe(403);
  expect(hub.running?.err()).not.toContain(CLIENT_SECRET);
});
