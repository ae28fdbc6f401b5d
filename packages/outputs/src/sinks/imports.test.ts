/** Declaring seventy outputs loads the client library of none: each is imported when its output is opened. */

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const script = `
  import { registerHooks } from 'node:module';
  const seen = [];
  registerHooks({
    resolve(specifier, context, next) {
      const found = next(specifier, context);
      if (found.url.includes('/node_modules/')) seen.push(specifier);
      return found;
    },
  });
  const { sinkRoster } = await import('@peregrine/outputs/hub');
  console.log(JSON.stringify({ count: sinkRoster.length, seen }));
`;

test('the roster imports nothing of others', () => {
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: join(import.meta.dirname, '../../../app'),
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  const { count, seen }: { count: number; seen: readonly string[] } = JSON.parse(stdout);
  expect(count).toBeGreaterThan(60);
  expect(seen).toEqual([]);
});
