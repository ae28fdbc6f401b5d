import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { watchPaths } from './watch-paths.ts';

let folder = '';
let file = '';
let rules = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'peregrine-watch-'));
  file = join(folder, 'main.yaml');
  rules = join(folder, 'rules.d');
  mkdirSync(rules);
  writeFileSync(file, 'a');
});
afterEach(() => rmSync(folder, { recursive: true }));

async function changesDuring(paths: readonly string[], act: () => void): Promise<readonly string[]> {
  const changes: string[] = [];
  const watching = watchPaths(
    paths,
    (path) => changes.push(path),
    () => {},
  );
  act();
  await new Promise((resolve) => setTimeout(resolve, 450));
  watching.close();
  return changes.map((path) => path.slice(folder.length + 1));
}

test.each<[string, () => void, readonly string[]]>([
  ['a file is written', () => writeFileSync(file, 'bb'), ['main.yaml']],
  ['a file is replaced', () => replace(file), ['main.yaml']],
  ['a file goes', () => rmSync(file), ['main.yaml']],
  ['a folder gets a file', () => writeFileSync(join(rules, 'x.yaml'), 'x'), ['rules.d']],
  [
    'many things happen at once',
    () => [1, 2, 3].map((i) => writeFileSync(join(rules, `${i}`), 'x')),
    ['rules.d'],
  ],
  ['a neighbour is written', () => writeFileSync(join(folder, 'other'), 'x'), []],
])('%s', async (_title, act, expected) => {
  expect(await changesDuring([file, rules], act)).toEqual(expected);
});

test('a link is turned to another file, as config maps do', async () => {
  for (const name of ['one', 'two']) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'x.yaml'), name);
  }
  symlinkSync('one', join(folder, '..data'));
  symlinkSync('..data/x.yaml', join(folder, 'x.yaml'));
  const turn = (): void => {
    symlinkSync('two', join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
  };
  expect(await changesDuring([join(folder, 'x.yaml')], turn)).toEqual(['x.yaml']);
});

test('what is not there is no trouble', async () => {
  expect(await changesDuring([join(folder, 'nothing')], () => {})).toEqual([]);
});

function replace(path: string): void {
  writeFileSync(`${path}.new`, 'c');
  renameSync(`${path}.new`, path);
}
