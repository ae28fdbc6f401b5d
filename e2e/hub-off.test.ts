/** Outputs that are configured and off cost nothing: no module is loaded for them. */

import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { outputsThatAreOff } from './hub-sections.ts';
import { bugIn, Scratch, start, until } from './program.ts';

/** On a machine that is busy with other tests. */
const LIMIT_MS = 60_000;

let scratch: Scratch;
beforeEach(() => {
  scratch = new Scratch();
});
afterEach(() => scratch.remove());

interface Started {
  /** Files of modules, in no order. */
  readonly modules: readonly string[];
  readonly memoryMb: number;
}

/** A hub that started, took an alert and stopped, with what it loaded. */
async function startOnce(name: string, outputs: string): Promise<Started> {
  const list = scratch.path(`${name}.modules`);
  const hooks = scratch.write(
    'hooks.mjs',
    `import { appendFileSync } from 'node:fs';
     import { registerHooks } from 'node:module';
     registerHooks({
       load(url, context, next) {
         appendFileSync(process.env.MODULES_FILE, url + '\\n');
         return next(url, context);
       },
     });`,
  );
  const config = scratch.write(
    `${name}.yaml`,
    `listenaddress: 127.0.0.1\nlistenport: 0\njournal: { path: ${scratch.path(name)} }\n${outputs}`,
  );
  const running = start('peregrine', ['hub', '-c', config], {
    environment: { MODULES_FILE: list, NODE_OPTIONS: `--import=${hooks}` },
  });
  try {
    await until('listening', () => running.err().includes('is up and listening on'), LIMIT_MS);
    const port = /listening on 127\.0\.0\.1:(\d+)/.exec(running.err())?.[1];
    expect((await fetch(`http://127.0.0.1:${port}/test`, { method: 'POST' })).status).toBe(200);
    const status = readFileSync(`/proc/${running.child.pid}/status`, 'utf8');
    running.child.kill('SIGTERM');
    const ended = await running.ended;
    expect([ended.status, bugIn(ended)]).toEqual([0, '']);
    expect(ended.err).toContain('Enabled Outputs: []');
    const modules = readFileSync(list, 'utf8').trim().split('\n');
    return {
      modules: [...new Set(modules)].toSorted(),
      memoryMb: Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1_024,
    };
  } finally {
    running.child.kill('SIGKILL');
    await running.ended;
  }
}

test('every output configured and off: the modules are those of a hub without any', {
  timeout: 3 * LIMIT_MS,
}, async () => {
  const without = await startOnce('without', 'slack: {}\n');
  const off = await startOnce('off', outputsThatAreOff());
  expect(off.modules).toEqual(without.modules);
  expect(off.modules.length).toBeGreaterThan(3);
  const packages = off.modules.flatMap((url) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? []);
  expect([...new Set(packages)]).toEqual(['yaml']);
  expect(off.memoryMb).toBeLessThan(120);
});
