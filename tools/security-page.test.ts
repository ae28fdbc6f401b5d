/** docs/security.md names files and chapters; those files are there, and no chapter is left out. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const page = readFileSync(join(root, 'docs/security.md'), 'utf8');

test('every file that it names is there', () => {
  const named = [...page.matchAll(/`((?:packages|e2e|tools|ui)\/[^`]+)`/g)].map(([, path = '']) => path);
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  const linked = [...page.matchAll(/\]\(([^)#]+)\)/g)].map(([, path = '']) => path);
  expect(linked.filter((path) => !existsSync(join(root, 'docs', path)))).toEqual([]);
});

test('every chapter of the standard is there, with a state', () => {
  const rows = [...page.matchAll(/^\| (\d+)[^|]*\| ([^|]*) \|/gm)];
  expect(new Set(rows.map(([, chapter]) => Number(chapter)))).toEqual(
    new Set(Array.from({ length: 17 }, (_, i) => i + 1)),
  );
  expect(rows.filter(([, , state = '']) => !['met', 'partly', 'none'].includes(state))).toEqual([]);
});
