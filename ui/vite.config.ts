/** How the pages are built: into `build/ui`, with names that change with what is in the files. */

import { join } from 'node:path';
import { defineConfig, type Plugin } from 'vite';
import { oidcFailures, operations } from '../packages/api/src/contract/index.ts';

const NAME = 'virtual:operations';

/** All that the browser needs of the contract besides its types: methods and paths, and texts of failures. */
const operationPaths: Plugin = {
  name: 'operation-paths',
  resolveId: (id) => (id === NAME ? `\0${NAME}` : null),
  load: (id) => {
    if (id !== `\0${NAME}`) return null;
    const table = Object.fromEntries(
      Object.entries(operations).map(([name, { method, path }]) => [name, [method, path]]),
    );
    return `export const operationPaths = ${JSON.stringify(table)};\nexport const oidcFailures = ${JSON.stringify(oidcFailures)};`;
  },
};

const NODE_MODULE = 'node:module';

/** The rule language loads two libraries when it first needs them, in the way of Node; here they come along with it. */
const languageLibraries: Plugin = {
  name: 'language-libraries',
  enforce: 'pre',
  resolveId: (id) => (id === NODE_MODULE ? `\0${NODE_MODULE}` : null),
  load: (id) => {
    if (id !== `\0${NODE_MODULE}`) return null;
    return `import * as yaml from 'yaml';\nimport * as re2js from 're2js';\nexport const createRequire = () => (name) => ({ yaml, re2js })[name];`;
  },
};

export default defineConfig({
  root: import.meta.dirname,
  plugins: [operationPaths],
  // `vite` while working on the pages: the program answers.
  server: { proxy: { '/api': 'http://127.0.0.1:2802' } },
  worker: { format: 'es', plugins: () => [languageLibraries] },
  build: {
    outDir: join(import.meta.dirname, '..', 'build', 'ui'),
    emptyOutDir: true,
    // Files that are put into others as text would need a laxer policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});
