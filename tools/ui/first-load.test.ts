import { expect, test } from 'vitest';
import { type BuiltChunk, firstLoads } from './first-load.ts';

const chunk = (fileName: string, over: Partial<BuiltChunk> = {}): BuiltChunk => ({
  ...{ fileName, isEntry: false, isDynamicEntry: false, facadeModuleId: null, moduleIds: [], imports: [] },
  ...over,
});
const page = (name: string, imports: readonly string[]): BuiltChunk =>
  chunk(`${name}.js`, { isDynamicEntry: true, facadeModuleId: `/x/ui/src/pages/${name}/page.tsx`, imports });

const sizes: Readonly<Record<string, number>> = {
  ...{ 'index.html': 1, 'main.js': 10, 'main.css': 100, 'shared.js': 1_000 },
  ...{ 'list.js': 10_000, 'rules.js': 20_000, 'editor.js': 500_000, 'list.css': 100_000 },
};

test('a first load is the frame and the page with all that they need, once each, without the editor', () => {
  const loads = firstLoads(
    [
      chunk('main.js', {
        ...{ isEntry: true, imports: ['shared.js'], viteMetadata: { importedCss: new Set(['main.css']) } },
      }),
      chunk('shared.js', { imports: ['main.js'] }),
      chunk('editor.js', { moduleIds: ['/x/node_modules/@codemirror/view/dist/index.js'] }),
      { ...page('list', ['shared.js']), viteMetadata: { importedCss: new Set(['list.css', 'main.css']) } },
      page('rules', ['main.js', 'editor.js']),
    ],
    (file) => sizes[file] ?? Number.NaN,
  );
  expect(loads).toEqual([
    { page: 'list/page.tsx', bytes: 111_111 },
    { page: 'rules/page.tsx', bytes: 21_111 },
  ]);
});
