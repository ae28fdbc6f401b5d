import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { artifactOf, FILE_NAME, keep, storeProblems } from '../../testing/keep.ts';
import { localFile } from './local-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'peregrine-kept-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const keepHere = (content: string, name = FILE_NAME) =>
  keep(localFile, { destination: folder }, artifactOf(content), { name });

test('a file that only its owner can read', async () => {
  expect(await keepHere('root:x')).toEqual({ kind: 'kept', place: join(folder, FILE_NAME) });
  expect(readFileSync(join(folder, FILE_NAME), 'utf8')).toBe('root:x');
  expect(statSync(join(folder, FILE_NAME)).mode & 0o7777).toBe(0o600);
  expect(readdirSync(folder)).toEqual([FILE_NAME]);
});

test('the same again is the same file; another one is not written over', async () => {
  const first = await keepHere('root:x');
  expect(await keepHere('root:x')).toEqual(first);
  const other = await keepHere('root:y');
  expect(other).toMatchObject({ kind: 'kept', place: expect.stringMatching(/passwd-[0-9a-f]{12}\.txt$/) });
  expect(await keepHere('root:y')).toEqual(other);
  expect(readdirSync(folder)).toHaveLength(2);
  expect(readFileSync(join(folder, FILE_NAME), 'utf8')).toBe('root:x');
});

test('both at the same time', async () => {
  const kept = await Promise.all(Array.from({ length: 8 }, (_, i) => keepHere(`content ${i % 4}`)));
  expect(kept.every(({ kind }) => kind === 'kept')).toBe(true);
  const contents = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
  expect(new Set(contents)).toEqual(new Set(['content 0', 'content 1', 'content 2', 'content 3']));
});

test('a link in its place is not followed', async () => {
  const elsewhere = join(folder, 'elsewhere');
  mkdirSync(elsewhere);
  symlinkSync(join(elsewhere, 'victim'), join(folder, FILE_NAME));
  expect(await keepHere('root:x')).toMatchObject({ kind: 'kept' });
  expect(readdirSync(elsewhere)).toEqual([]);
});

test('a name leads nowhere else', async () => {
  const inner = join(folder, 'inner');
  mkdirSync(inner);
  const kept = await keep(localFile, { destination: inner }, artifactOf('x'), { name: '../../../x' });
  expect(kept).toEqual({ kind: 'kept', place: join(inner, 'x') });
});

test('a folder that is not there, or that is none', async () => {
  const at = (destination: string) => keep(localFile, { destination }, artifactOf('x'));
  expect(await at(join(folder, 'none'))).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('ENOENT'),
  });
  writeFileSync(join(folder, 'file'), '');
  expect(await at(join(folder, 'file'))).toMatchObject({ kind: 'refused' });
  expect(await at(join(folder, 'file', 'below'))).toMatchObject({ kind: 'refused' });
});

test.skipIf(process.getuid?.() === 0)('a folder that may not be written to', async () => {
  chmodSync(folder, 0o500);
  expect(await keepHere('x')).toMatchObject({ kind: 'refused' });
  chmodSync(folder, 0o700);
});

test('nothing is left of what was given up', async () => {
  const stop = new AbortController();
  stop.abort();
  const kept = await keep(localFile, { destination: folder }, artifactOf('x'), { signal: stop.signal });
  expect(kept).toMatchObject({ kind: 'retry' });
  expect(readdirSync(folder)).toEqual([]);
});

test('without a folder', () => {
  expect(storeProblems(localFile, { destination: ' ' })).toHaveLength(1);
  expect(storeProblems(localFile, {})).toHaveLength(1);
});
