/** Declaring all actions and stores loads no library: each is imported when it is first used. */

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
  const { actionRoster, artifactStores } = await import('@peregrine/actions');
  console.log(JSON.stringify({ count: actionRoster.length + artifactStores.length, seen }));
`;

test('the rosters import nothing of others', () => {
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: join(import.meta.dirname, '../../app'),
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  const { count, seen }: { count: number; seen: readonly string[] } = JSON.parse(stdout);
  expect(count).toBeGreaterThan(8);
  expect(seen).toEqual([]);
});
