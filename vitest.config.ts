import { join } from 'node:path';
import { defineConfig, type Plugin } from 'vitest/config';

const FAST_CHECK = join(import.meta.dirname, 'tools', 'properties', 'fast-check.ts');

/** Gives the tests fast-check with its seed set. */
const seededProperties: Plugin = {
  name: 'seeded-properties',
  enforce: 'pre',
  resolveId: (id, importer) => (id === 'fast-check' && importer !== FAST_CHECK ? FAST_CHECK : null),
};

export default defineConfig({
  plugins: [seededProperties],
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'ui/src/**/*.test.ts',
      'tools/**/*.test.ts',
      'rules/**/*.test.ts',
      'e2e/**/*.test.ts',
    ],
    testTimeout: 30_000,
    maxWorkers: 2,
    // A machine that others use, too: a test that waits too short is named, and fails only if it does so twice.
    retry: process.env['CI'] === undefined ? 0 : 1,
  },
});
