import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { disk } from '../config/disk.ts';
import { ObservedDisk } from './observed-disk.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'peregrine-observed-'));
  mkdirSync(at('rules.d'));
  writeFileSync(at('rules.d/a.yaml'), 'one');
  writeFileSync(at('main.yaml'), 'one');
});
afterEach(() => rmSync(folder, { recursive: true }));

const at = (name: string): string => join(folder, name);

/** Asks what loading asks. */
function look(): ObservedDisk {
  const observed = new ObservedDisk(disk);
  expect(observed.read(at('main.yaml'))).toBe('one');
  expect(observed.kindOf(at('rules.d'))).toBe('folder');
  for (const file of observed.filesIn(at('rules.d'))) observed.read(file);
  expect(observed.kindOf(at('later'))).toBeUndefined();
  expect(() => observed.read(at('missing.yaml'))).toThrow('ENOENT');
  expect(observed.realPath(at('main.yaml'))).toMatch(/main\.yaml$/);
  return observed;
}

test('every path that was asked about is known, once', () => {
  expect(look().paths.map((path) => path.slice(folder.length + 1))).toEqual([
    'main.yaml',
    'rules.d',
    'rules.d/a.yaml',
    'later',
    'missing.yaml',
  ]);
});

test.each<readonly [string, string | undefined, () => void]>([
  ['nothing happens', undefined, () => {}],
  ['the same is written again', undefined, () => writeFileSync(at('main.yaml'), 'one')],
  ['only the mode changes', undefined, () => chmodSync(at('main.yaml'), 0o600)],
  ['a neighbour is written', undefined, () => writeFileSync(at('other'), 'x')],
  ['as many bytes are written at once', 'main.yaml', () => writeFileSync(at('main.yaml'), 'two')],
  ['another file takes its place', 'main.yaml', () => replace(at('main.yaml'), 'two')],
  ['a file like it takes its place', undefined, () => replace(at('main.yaml'), 'one')],
  ['a file goes', 'main.yaml', () => rmSync(at('main.yaml'))],
  ['a folder gets a file', 'rules.d', () => writeFileSync(at('rules.d/b.yaml'), '')],
  ['a file in a folder changes', 'rules.d/a.yaml', () => writeFileSync(at('rules.d/a.yaml'), 'uno')],
  ['a folder goes', 'rules.d', () => rmSync(at('rules.d'), { recursive: true })],
  ['a missing folder comes', 'later', () => mkdirSync(at('later'))],
  ['a missing file comes', 'missing.yaml', () => writeFileSync(at('missing.yaml'), '')],
  ['a file becomes a link to the like', 'main.yaml', () => relink(at('main.yaml'))],
])('%s: %s', (_title, expected, act) => {
  const observed = look();
  act();
  expect(observed.changedPath()).toBe(expected === undefined ? undefined : at(expected));
});

function replace(path: string, text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

function relink(path: string): void {
  renameSync(path, `${path}.real`);
  symlinkSync(`${path}.real`, path);
}
