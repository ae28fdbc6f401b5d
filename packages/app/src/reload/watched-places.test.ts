import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { placesOf } from './watched-places.ts';

let folder = '';
const at = (name: string): string => join(folder, name);
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'peregrine-places-')));
  mkdirSync(at('etc/rules.d/..2026_01'), { recursive: true });
  mkdirSync(at('srv/v1'), { recursive: true });
  writeFileSync(at('etc/main.yaml'), '');
  writeFileSync(at('srv/v1/far.yaml'), '');
  writeFileSync(at('etc/rules.d/..2026_01/x.yaml'), '');
  symlinkSync('..2026_01', at('etc/rules.d/..data'));
  symlinkSync('..data/x.yaml', at('etc/rules.d/x.yaml'));
  symlinkSync('../srv/v1', at('etc/linked.d'));
  symlinkSync(at('srv/v1/far.yaml'), at('etc/far.yaml'));
  symlinkSync('round', at('etc/round'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test.each<readonly [string, string, Readonly<Record<string, readonly string[] | 'every'>>]>([
  ['a file', 'etc/main.yaml', { '': ['etc'], etc: ['main.yaml'] }],
  ['a folder', 'srv/v1', { '': ['srv'], srv: ['v1'], 'srv/v1': 'every' }],
  ['what is missing, from where it would appear', 'no/such/file', { '': ['no'] }],
  [
    'a file of a config map',
    'etc/rules.d/x.yaml',
    {
      '': ['etc'],
      etc: ['rules.d'],
      'etc/rules.d': ['x.yaml', '..data', '..2026_01'],
      'etc/rules.d/..2026_01': ['x.yaml'],
    },
  ],
  [
    'a folder that is a link',
    'etc/linked.d',
    { '': ['etc', 'srv'], etc: ['linked.d', '..'], srv: ['v1'], 'srv/v1': 'every' },
  ],
  [
    'a file that is a link to elsewhere',
    'etc/far.yaml',
    { '': ['etc', 'srv'], etc: ['far.yaml'], srv: ['v1'], 'srv/v1': ['far.yaml'] },
  ],
  ['a link to itself', 'etc/round', { '': ['etc'], etc: ['round'] }],
])('%s', (_title, path, expected) => {
  const places = [...placesOf([at(path)])].filter(([place]) => place.startsWith(folder));
  const found = places.map(([place, names]) => [
    relative(folder, place),
    names === 'every' ? names : [...names],
  ]);
  expect(Object.fromEntries(found)).toEqual(expected);
});

test('all of a folder matters when one path is the folder and another a file in it', () => {
  const paths = [at('etc/rules.d/x.yaml'), at('etc/rules.d'), at('etc/rules.d/y.yaml')];
  expect(placesOf(paths).get(at('etc/rules.d'))).toBe('every');
});
