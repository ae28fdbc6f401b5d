import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asDirectory, PathCache, resolvePath, UNKNOWN_BASE } from './paths.ts';

const cases: readonly [base: string, path: string, resolved: string][] = [
  ['/home/', '/etc/passwd', '/etc/passwd'],
  ['/home/', 'notes', '/home/notes'],
  ['/home', 'notes', '/home/notes'],
  ['/home/', '', ''],
  ['/home/', './a/../b', '/home/b'],
  ['/home/', '../../../etc', '/etc'],
  ['/', '..', '/'],
  ['/a/', '//x//y/', '/x/y'],
  ['/a/', '/x/./y', '/x/y'],
  ['/a/', '/.ssh/id', '/.ssh/id'],
  ['/a/', '/...', '/...'],
  ['', 'relative', 'relative'],
  [UNKNOWN_BASE, 'x/y', '<UNKNOWN>x/y'],
  ['/a/', `/${'x'.repeat(1_024)}`, '/DIR_TOO_LONG/FILENAME_TOO_LONG'],
  [`/${'x'.repeat(1_000)}/`, 'y'.repeat(100), '/DIR_TOO_LONG/FILENAME_TOO_LONG'],
];

describe('resolvePath', () => {
  test.each(cases)('%s and %s', (base, path, resolved) => {
    expect(resolvePath(base, path)).toBe(resolved);
    expect(new PathCache(10).resolve(base, path)).toBe(resolved);
  });
});

const segment = fc.constantFrom('', '.', '..', 'a', 'bc', '.d', '..e');
const anyPath = fc
  .tuple(fc.constantFrom('', '/'), fc.array(segment, { maxLength: 6 }))
  .map(([start, parts]) => start + parts.join('/'));
const anyBase = anyPath.map((path) => `/${path}`);

test('a resolved path is normal, and resolves to itself', () => {
  fc.assert(
    fc.property(anyBase, anyPath, (base, path) => {
      const resolved = resolvePath(base, path);
      if (path === '') return resolved === '';
      const parts = resolved.slice(1).split('/');
      const isNormal =
        resolved === '/' || !parts.some((part) => part === '' || part === '.' || part === '..');
      return resolved.startsWith('/') && isNormal && resolvePath('/z/', resolved) === resolved;
    }),
  );
});

test('a cache of any size gives what the function gives', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.array(fc.tuple(anyBase, anyPath)), (limit, calls) => {
      const cache = new PathCache(limit);
      for (const [base, path] of calls) expect(cache.resolve(base, path)).toBe(resolvePath(base, path));
    }),
  );
});

test('a directory ends in one slash', () => {
  expect(asDirectory('/')).toBe('/');
  expect(asDirectory('/a')).toBe('/a/');
});
