/** What the kernel counts of programs, in a real one; nothing but this process's own programs is looked at. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLiveCgroup, type LiveCgroup, liveObstacle, runLive } from '../../testing/live-probe.ts';
import { type EbpfSource, openEbpf } from './ebpf-source.ts';

const obstacle = liveObstacle();
const title = obstacle === undefined ? 'program statistics' : `program statistics (skipped: ${obstacle})`;

describe.skipIf(obstacle !== undefined)(title, () => {
  let cgroup: LiveCgroup;
  let source: EbpfSource;
  beforeAll(() => {
    cgroup = createLiveCgroup();
    source = openEbpf({
      scope: `cgroup:${cgroup.path}`,
      syscalls: ['openat', 'getuid', 'keyctl'],
      hookMode: 'tracepoint',
      countsRunTimes: true,
    });
  }, 60_000);
  afterAll(async () => {
    source?.close();
    await cgroup?.remove();
  });

  test('programs on one hook count together, also when one of them has been taken off', async () => {
    await runLive(source, cgroup, 'cat /etc/hostname');
    const namesOf = (): readonly string[] => source.programs().map(({ name }) => name);
    const atExit = () => source.programs().find(({ name }) => name === 'sys_exit');
    expect(namesOf()).toContain('sched_process_exec');
    expect(new Set(namesOf()).size).toBe(namesOf().length);
    const { runCount = 0, runTimeNs = 0 } = atExit() ?? {};
    expect(runCount).toBeGreaterThan(0);
    expect(runTimeNs).toBeGreaterThan(0);
    // The other two programs of this hook go.
    source.select(['openat']);
    await runLive(source, cgroup, 'cat /etc/hostname');
    expect(atExit()?.runCount).toBeGreaterThan(0);
    expect(namesOf().filter((name) => name === 'sys_exit')).toHaveLength(1);
  });
});
