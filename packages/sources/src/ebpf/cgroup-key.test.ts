/** Which hierarchy cgroups are told apart in, and how their directories are found again. */

import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { accountHierarchy, splitCgroupKey } from './cgroup-key.ts';
import { findCgroups } from './cgroup-paths.ts';
import { scopeHierarchy } from './probe-layout.ts';

const mount = (hierarchy: number | undefined) => ({ path: '/x', root: '/', hierarchy });
const v1 = (index: number): number => scopeHierarchy.v1 + index;
const [MEMORY, PIDS] = [4, 7];

test.each([
  ['unified alone', [scopeHierarchy.unified], scopeHierarchy.unified],
  ['older ones beside it', [v1(MEMORY), v1(PIDS), scopeHierarchy.unified], v1(PIDS)],
  ['older ones without pids', [v1(1), v1(MEMORY)], v1(MEMORY)],
  ['one that the probe cannot tell', [undefined], scopeHierarchy.unified],
  ['nothing', [], scopeHierarchy.unified],
])('%s', (_, hierarchies, expected) => {
  expect(accountHierarchy(hierarchies.map(mount))).toBe(expected);
});

test('a key holds hierarchy and inode', () => {
  expect(splitCgroupKey((9n << 56n) | 0x1_0000_002an)).toEqual({ hierarchy: 9, inode: 0x1_0000_002an });
});

test('cgroups are found by their inodes, in their own hierarchy only', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'peregrine-cgroups-'));
  const deep = join(folder, 'a/b');
  mkdirSync(deep, { recursive: true });
  const key = (hierarchy: number, path: string): bigint =>
    (BigInt(hierarchy) << 56n) | statSync(path, { bigint: true }).ino;
  const [low, high] = [key(1, deep), key(1, folder)];
  const found = await findCgroups(
    [low, high, key(2, deep), (1n << 56n) | 1n],
    [{ path: folder, root: '/pods', hierarchy: 1 }],
  );
  rmSync(folder, { recursive: true });
  expect(Object.fromEntries(found)).toEqual({ [String(low)]: '/pods/a/b', [String(high)]: '/pods' });
});
