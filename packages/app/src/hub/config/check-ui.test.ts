import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadHubConfig } from '../load-hub-config.ts';
import { checkFiles } from '../trust.ts';

/** Message and place of each finding. */
async function findingsOf(yaml: string, environment: Readonly<Record<string, string>> = {}) {
  const { diagnostics } = await loadHubConfig({ file: 'config.yaml', environment, read: () => yaml });
  return diagnostics.map(({ message, span }) => [
    message,
    span && `${span.file}:${span.start.line}:${span.start.column}`,
  ]);
}

test('everything that is wrong with access is told at once with its place, with all else', async () => {
  const yaml = [
    'listenaddress: nowhere',
    'ui:',
    '  enabled: true',
    '  listenaddress: all',
    '  publicurl: alerts.example.org',
    '  keyfile: /etc/key.pem',
    '  users:',
    '    - admin:admin',
    '    - "ann:correct horse battery staple"',
    '    - ann:short:viewer',
    '  oidc:',
    '    issuer: http://login.example.org',
    '    scopes: [ profile ]',
    '    roles: { ops: boss }',
  ].join('\n');
  expect(await findingsOf(yaml)).toEqual([
    ['`listenaddress` is `nowhere`, and must be an IP address', 'config.yaml:1:16'],
    ['`ui.listenaddress` is `all`, and must be an IP address', 'config.yaml:4:18'],
    [
      '`ui.publicurl` is `alerts.example.org`, and must be an http or https address without a path',
      'config.yaml:5:14',
    ],
    ['`ui.keyfile` is set, and `ui.certfile` is not', 'config.yaml:6:12'],
    ['`ui.users` has a password for `admin` that will not do: everybody would guess it', 'config.yaml:8:7'],
    ['`ui.users` has `ann` for a second time', 'config.yaml:10:7'],
    [
      '`ui.users` has a password for `ann` that will not do: it has fewer than 12 characters',
      'config.yaml:10:7',
    ],
    ['`ui.oidc.issuer` must be an https address, or an http one on this machine', 'config.yaml:12:13'],
    ['`ui.oidc.clientid` must be set: the name that the provider knows us by', 'config.yaml:12:5'],
    ['`ui.oidc.scopes` must have `openid`', 'config.yaml:13:13'],
    ['`ui.oidc.roles` gives `ops` the role `boss`; there are viewer, responder, admin', 'config.yaml:14:12'],
  ]);
});

test.each([
  ['on loopback', 'enabled: true, users: [ "admin:admin" ]'],
  [
    'when told to',
    'enabled: true, listenaddress: 0.0.0.0, allowdefaultpassword: true, users: [ "admin:admin" ]',
  ],
  ['of an interface that is off', 'listenaddress: 0.0.0.0, users: [ "admin:admin" ]'],
])('a password that everybody knows is taken %s', async (_, ui) => {
  expect(await findingsOf(`ui: { ${ui} }`)).toEqual([]);
});

test('what the environment says is told with its variable', async () => {
  const environment = { UI_ENABLED: 'true', UI_LISTENADDRESS: '0.0.0.0', UI_USERS: 'admin:admin' };
  expect(await findingsOf('', environment)).toEqual([
    ['`ui.users` has a password for `admin` that will not do: everybody would guess it', '$UI_USERS:1:1'],
  ]);
});

test('an OpenID provider needs a way back, and somebody who may come in', async () => {
  const oidc = 'oidc: { issuer: https://login.example.org, clientid: peregrine, clientsecret: hush }';
  expect(await findingsOf(`ui: { enabled: true, listenaddress: "", ${oidc} }`)).toEqual([
    [expect.stringContaining('`ui.oidc.roles` gives nobody a role'), 'config.yaml:1:47'],
    [expect.stringContaining('`ui.oidc.issuer` needs `ui.publicurl`'), 'config.yaml:1:57'],
  ]);
  const whole = `${oidc.replace('}', ', defaultrole: viewer }')}, publicurl: https://alerts.example.org`;
  expect(await findingsOf(`ui: { enabled: true, listenaddress: "", ${whole} }`)).toEqual([]);
});

test('a certificate that is not there, or has no key, is told with its place', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'peregrine-check-'));
  const path = join(folder, 'only.crt');
  writeFileSync(path, '-----BEGIN CERTIFICATE-----\nno certificate\n-----END CERTIFICATE-----\n');
  const found = async (certfile: string) => {
    const yaml = `ui:\n  enabled: true\n  certfile: ${certfile}\n`;
    const { readable } = await loadHubConfig({ file: 'config.yaml', environment: {}, read: () => yaml });
    return (readable === undefined ? [] : checkFiles(readable)).map(({ message, span }) => [
      message,
      `${span?.file}:${span?.start.line}:${span?.start.column}`,
    ]);
  };
  expect(await found('/nowhere/server.crt')).toEqual([
    [
      expect.stringContaining('cannot read `/nowhere/server.crt`, which `ui.certfile` needs'),
      'config.yaml:3:13',
    ],
  ]);
  expect(await found(path)).toEqual([
    [
      expect.stringContaining(`\`${path}\`, without \`ui.keyfile\`, cannot serve the web interface: `),
      'config.yaml:3:13',
    ],
  ]);
  rmSync(folder, { recursive: true, force: true });
});

test('what is wrong with a store on a server is told with its place, and no password with it', async () => {
  const of = (store: string, more = '') =>
    findingsOf(['ui:', '  enabled: true', `  store: ${store}`, more].join('\n'));
  expect(await of('postgres://hub:hush@db/alerts')).toEqual([
    [
      '`ui.store` must have no password in it: `ui.storepasswordfile` names a file with it',
      'config.yaml:3:10',
    ],
  ]);
  expect(await of('postgres://hub@db/alerts?sslmode=no')).toEqual([
    [
      '`ui.store` has the sslmode `no`; there are disable, prefer, require, verify-ca, verify-full',
      'config.yaml:3:10',
    ],
  ]);
  expect(await of('mysql://hub@db/alerts')).toEqual([
    ['`ui.store` must be a file, or begin with `postgres://`', 'config.yaml:3:10'],
  ]);
  expect(await of('/var/lib/alerts.db', '  storepasswordfile: /run/secret')).toEqual([
    ['`ui.storepasswordfile` does nothing unless `ui.store` is at PostgreSQL', 'config.yaml:4:22'],
  ]);
  expect(await of('postgres://hub@db/alerts', '  storepassword: hush')).toEqual([]);
  const missing = 'postgres://hub@db/alerts?sslmode=verify-full&sslrootcert=/nowhere.pem';
  const yaml = `ui:\n  enabled: true\n  store: ${missing}\n`;
  const { readable } = await loadHubConfig({ file: 'config.yaml', environment: {}, read: () => yaml });
  const [found] = readable === undefined ? [] : checkFiles(readable);
  expect(found?.message).toMatch(/cannot read `\/nowhere\.pem`, which `ui\.store` needs/);
  expect(found?.span?.start).toMatchObject({ line: 3, column: 10 });
});
