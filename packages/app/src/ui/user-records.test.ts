import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Accounts, openSqliteRecords, prepareRecords } from '@peregrine/store';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { changeUsers, listUsers } from './user-records.ts';

const PASSWORD = 'correct horse battery';

let folder: string;
let path: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'peregrine-users-'));
  path = join(folder, 'alerts.db');
  const { records, close } = openSqliteRecords(path);
  await prepareRecords(records);
  for (const source of ['config', 'oidc'] as const)
    await new Accounts(records).addUser({
      ...{ name: source, role: 'viewer', source, passwordHash: undefined, createdMs: 0 },
      ...{ lastSeenMs: undefined, isDisabled: false },
    });
  close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'done',
    (error: { readonly code?: unknown }) => error.code,
  );

test.each([
  [
    'a password of a user of the provider',
    { kind: 'password', name: 'oidc', password: PASSWORD },
    'user-of-provider',
  ],
  [
    'a password of a user of the configuration',
    { kind: 'password', name: 'config', password: PASSWORD },
    'user-of-configuration',
  ],
  ['a weak password', { kind: 'add', name: 'ann', role: 'admin', password: 'short' }, 'weak-password'],
  ['a name that there is', { kind: 'add', name: 'oidc', role: 'admin', password: PASSWORD }, 'user-exists'],
  ['nobody', { kind: 'remove', name: 'nobody' }, 'no-user'],
] as const)('%s is not taken', async (_, change, code) => {
  expect(await codeOf(changeUsers({ kind: 'file', path }, change))).toBe(code);
});

test('users are added, listed and removed, those of the provider, too', async () => {
  await changeUsers({ kind: 'file', path }, { kind: 'add', name: 'ann', role: 'admin', password: PASSWORD });
  await changeUsers({ kind: 'file', path }, { kind: 'remove', name: 'oidc' });
  expect(await listUsers({ kind: 'file', path })).toEqual([
    { name: 'ann', role: 'admin', source: 'password', isDisabled: false },
    { name: 'config', role: 'viewer', source: 'config', isDisabled: false },
  ]);
});
