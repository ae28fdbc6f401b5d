import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { accessNotes } from './cluster-access.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'peregrine-account-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const spec = { name: 'f', namespace: 'n', serviceAccount: 'deleter' } as Parameters<typeof accessNotes>[0];
const nobody = { uid: 65_534, gid: 65_534, groups: [65_534] };
const tokenOf = (payload: object): string =>
  `x.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.y`;

function put(token: string, mode: number): void {
  writeFileSync(join(folder, 'token'), token);
  chmodSync(join(folder, 'token'), mode);
}

test('outside of a cluster there is nothing to say', () => {
  expect(accessNotes(spec, nobody, folder)).toEqual([]);
});

test('a token that the function can read, for the account that it asks for', () => {
  put(tokenOf({ 'kubernetes.io': { serviceaccount: { name: 'deleter' } } }), 0o644);
  expect(accessNotes(spec, nobody, folder)).toEqual([]);
});

test('a token that it cannot read, for another account', () => {
  put(tokenOf({ 'kubernetes.io': { serviceaccount: { name: 'default' } } }), 0o600);
  expect(accessNotes(spec, nobody, folder)).toEqual([
    expect.stringContaining('runs as user 65534, who cannot read'),
    '`n/f` asks for the service account `deleter`, and this pod has `default`',
  ]);
});

test('an old token, and one that is none', () => {
  put(tokenOf({ 'kubernetes.io/serviceaccount/service-account.name': 'old' }), 0o644);
  expect(accessNotes(spec, nobody, folder)).toEqual([expect.stringContaining('this pod has `old`')]);
  put('no token', 0o644);
  expect(accessNotes(spec, nobody, folder)).toEqual([]);
});
