/** Holds every import, dependency and roster to the layout that ARCHITECTURE.md describes. */

import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  cyclesIn,
  importsOf,
  listPackages,
  readSourceFiles,
  root,
  type SourceFile,
  targetOf,
} from './boundaries/source-files.ts';
import { type PackageRule, packageRules, pureNodeModules } from './boundaries/table.ts';

const SCOPE = '@peregrine/';
const TEST_ONLY = ['vitest', 'fast-check', 'hyparquet', '@grpc/proto-loader'];

test('importsOf finds every form of import', () => {
  const text = [
    "import a from 'one';",
    "import type { B } from './two.ts';",
    "import { c,\n  type D } from 'three';",
    "export { e } from './four.ts';",
    "import 'five';",
    "const six = await import('six');",
    'export const seven = 1;',
  ].join('\n');
  expect(importsOf(text)).toEqual([
    { specifier: 'one', isTypeOnly: false },
    { specifier: './two.ts', isTypeOnly: true },
    { specifier: 'three', isTypeOnly: false },
    { specifier: './four.ts', isTypeOnly: false },
    { specifier: 'five', isTypeOnly: false },
    { specifier: 'six', isTypeOnly: false },
  ]);
});

test('cyclesIn finds a cycle once and none in a tree', () => {
  const graph = new Map([
    ['a', ['b', 'c']],
    ['b', ['c']],
    ['c', ['a']],
  ]);
  expect(cyclesIn(graph)).toEqual(['a -> b -> c -> a']);
  expect(
    cyclesIn(
      new Map([
        ['a', ['b', 'c']],
        ['b', ['c']],
      ]),
    ),
  ).toEqual([]);
});

test('every package has a rule', () => {
  expect(listPackages().filter((name) => packageRules[name] === undefined)).toEqual([]);
});

test('the table itself has no cycle', () => {
  expect(cyclesIn(new Map(Object.entries(packageRules).map(([name, rule]) => [name, rule.imports])))).toEqual(
    [],
  );
});

describe.each(listPackages().flatMap((name) => ruleOf(name)))('packages/$name', ({ name, rule }) => {
  const files = readSourceFiles(name);

  test('imports go along the table', () => {
    expect(
      files.flatMap((file) => file.imports.flatMap(({ specifier }) => faultsOf(file, specifier, rule))),
    ).toEqual([]);
  });

  test('files do not import each other in a circle', () => {
    const graph = new Map(
      files.map((file) => [
        file.path,
        file.imports
          .filter((entry) => !entry.isTypeOnly && entry.specifier.startsWith('.'))
          .map((entry) => targetOf(file, entry.specifier)),
      ]),
    );
    expect(cyclesIn(graph)).toEqual([]);
  });

  test('package.json lists what the table has, and everything that is used', () => {
    const manifest = readManifest(name);
    const listed = Object.keys(manifest.dependencies ?? {});
    const ours = listed.filter((entry) => entry.startsWith(SCOPE)).map((entry) => entry.slice(SCOPE.length));
    const allowed = name === 'base' ? [] : ['base', ...rule.imports];
    expect(ours.sort()).toEqual([...allowed].sort());
    expect(listed.filter((entry) => !entry.startsWith(SCOPE) && !rule.thirdParty.includes(entry))).toEqual(
      [],
    );
    const used = files
      .filter((file) => !file.isTest)
      .flatMap((file) => file.imports.map((entry) => packageOf(entry.specifier)))
      .filter((entry) => entry !== undefined && entry !== SCOPE + name);
    expect(used.filter((entry) => entry !== undefined && !listed.includes(entry))).toEqual([]);
  });

  test('index.ts names what it exports', () => {
    const index = files.find((file) => file.path === `packages/${name}/src/index.ts`);
    expect(index?.text ?? '').not.toMatch(/export \*/);
  });

  test('rosters name every declaration beside them', () => {
    const rosters = files.filter((file) => basename(file.path) === 'roster.ts');
    expect(rosters.flatMap((roster) => missingFrom(roster, files))).toEqual([]);
  });
});

function ruleOf(name: string): readonly { name: string; rule: PackageRule }[] {
  const rule = packageRules[name];
  return rule === undefined ? [] : [{ name, rule }];
}

/** What is wrong with one import, as sentences; none when it is allowed. */
function faultsOf(file: SourceFile, specifier: string, rule: PackageRule): readonly string[] {
  const fault = `${file.path} imports ${specifier}`;
  if (specifier.startsWith('.')) {
    const target = targetOf(file, specifier);
    if (!target.startsWith(`packages/${file.packageName}/`)) return [`${fault}: leaves its package`];
    return existsSync(join(root, target)) ? [] : [`${fault}: no such file`];
  }
  if (specifier.startsWith('node:')) {
    const isAllowed = rule.touchesWorld || file.isTest || pureNodeModules.includes(specifier);
    return isAllowed ? [] : [`${fault}: this package does not touch the world`];
  }
  if (!specifier.startsWith(SCOPE)) {
    const name = packageOf(specifier) ?? specifier;
    const isAllowed = rule.thirdParty.includes(name) || (file.isTest && TEST_ONLY.includes(name));
    return isAllowed ? [] : [`${fault}: not among its third-party packages`];
  }
  const [name = '', ...rest] = specifier.slice(SCOPE.length).split('/');
  const allowed = ['base', ...rule.imports, ...(file.isTest ? (rule.testImports ?? []) : [])];
  if (name !== file.packageName && !allowed.includes(name)) return [`${fault}: not along the table`];
  const entry = rest.length === 0 ? '.' : `./${rest.join('/')}`;
  return Object.hasOwn(readManifest(name).exports ?? {}, entry)
    ? []
    : [`${fault}: past the package's exports`];
}

/** Name of the package that a bare import comes from; `undefined` for files and Node's own modules. */
function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith('.') || specifier.startsWith('node:')) return undefined;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

interface Manifest {
  readonly exports?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

function readManifest(name: string): Manifest {
  return JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'));
}

/**
 * Declarations in a roster's folder that the roster's text does not name: `export const x = defineY(...)`, and
 * `export const x: T = ` where the roster is a list of `T`.
 */
function missingFrom(roster: SourceFile, files: readonly SourceFile[]): readonly string[] {
  const folder = dirname(roster.path);
  const types = [...roster.text.matchAll(/: readonly (\w+)(?:<.*?>)?\[\] =/g)].map((match) => match[1] ?? '');
  const declaration = new RegExp(
    `^export const (\\w+)(?:[^=\\n]* = define[A-Z]\\w*[(<]|: (?:${types.join('|') || '-'})(?:<[^=\\n]*>)? =)`,
    'gm',
  );
  return files
    .filter((file) => dirname(file.path) === folder && file !== roster && !file.isTest)
    .flatMap((file) => {
      const name = basename(file.path).replaceAll('.', '\\.');
      if (new RegExp(`import \\* as \\w+ from '\\./${name}'`).test(roster.text)) return [];
      return [...file.text.matchAll(declaration)]
        .map((match) => match[1] ?? '')
        .filter((declared) => !new RegExp(`\\b${declared}\\b`).test(roster.text))
        .map((declared) => `${file.path}: ${declared}`);
    });
}
