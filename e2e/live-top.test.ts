/** `peregrine top` as programs use it: one view, as JSON. Watches a cgroup of its own. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLiveCgroup, type LiveCgroup, liveObstacle } from '../packages/sources/testing/live-probe.ts';
import { bugIn, run } from './program.ts';

const obstacle = liveObstacle();
const title = obstacle === undefined ? 'live top' : `live top (skipped: ${obstacle})`;

describe.skipIf(obstacle !== undefined)(title, () => {
  let cgroup: LiveCgroup;
  beforeAll(() => {
    cgroup = createLiveCgroup();
    // Ends with its cgroup, after the test.
    cgroup.spawn('while true; do cat /etc/hostname > /dev/null; done');
  });
  afterAll(async () => cgroup?.remove());

  test('shows who makes events, what rules cost, and what the kernel programs do', async () => {
    const ended = await run('peregrine', [
      ...['top', '--once', '--json', '--interval', '1', '--scope', `cgroup:${cgroup.path}`],
    ]);
    expect(bugIn(ended)).toBe('');
    expect(ended.status).toBe(0);
    const frame = JSON.parse(ended.out);
    const names = (rows: readonly { readonly name: string }[]): readonly string[] =>
      rows.map(({ name }) => name);
    expect(frame.eventsPerSecond).toBeGreaterThan(0);
    expect(names(frame.types)).toContain('openat');
    expect(names(frame.processes)).toContain('cat');
    expect(frame.containers).toHaveLength(1);
    expect(frame.programs.find(({ name }: { name: string }) => name === 'sys_exit').nsPerRun).toBeGreaterThan(
      0,
    );
    expect(frame.rules.some(({ nsPerEvent }: { nsPerEvent?: number }) => (nsPerEvent ?? 0) > 0)).toBe(true);
  }, 60_000);

  test('says what is wrong with an interval', async () => {
    const { status, err } = await run('peregrine', ['top', '--interval', 'x']);
    expect([status, err]).toEqual([
      2,
      'peregrine: error: `--interval x` is not a number of seconds from 0.1 to 3600\n',
    ]);
  });
});
