/** docs/reference says what the declarations say; guides and pages link only to what is there. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { renderPages } from './docs/pages.ts';

const root = resolve(import.meta.dirname, '..');
const reference = join(root, 'docs', 'reference');
const expectedPages = await renderPages();

describe('docs/reference', () => {
  test('has exactly the generated pages', () => {
    expect(readdirSync(reference).sort()).toEqual([...expectedPages.keys()].sort());
  });

  test.each([...expectedPages])('%s is up to date (npm run docs)', (name, text) => {
    expect(
      readFileSync(join(reference, name), 'utf8') === text,
      `${name} is stale: run \`npm run docs\``,
    ).toBe(true);
  });
});

describe('links', () => {
  const pages = [
    ...readdirSync(root).map((name) => join(root, name)),
    ...['docs', 'rules', 'bench', 'corpora'].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
        join(root, folder, name),
      ),
    ),
  ].filter((path) => path.endsWith('.md'));

  test.each(pages.map((path) => relative(root, path)))('%s links to files that are there', (path) => {
    const text = readFileSync(join(root, path), 'utf8').replaceAll(/^```.*?^```|`[^`\n]*`/gms, '');
    const targets = [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map((match) => match[1] ?? '');
    const files = targets.filter((target) => !/^[a-z]+:/.test(target));
    expect(files.filter((target) => !existsSync(join(root, dirname(path), target)))).toEqual([]);
  });
});
