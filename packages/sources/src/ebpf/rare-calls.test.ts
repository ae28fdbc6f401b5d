/** Calls that few rules ask for, and those without an event type: watched when asked for. Root and BTF needed. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { kernelObjectsOf } from '../../testing/kernel-objects.ts';
import { betweenMarks, calledAmongRare, liveObstacle, MARK, renderLike } from '../../testing/live-probe.ts';
import { compileProgram, useLiveProbe } from '../../testing/use-live-probe.ts';
import { rareSyscalls } from './syscall-coverage.ts';

const obstacle = liveObstacle();
const title = obstacle === undefined ? 'calls on request' : `calls on request (skipped: ${obstacle})`;

describe.skipIf(obstacle !== undefined)(title, () => {
  const probe = useLiveProbe();
  const linkCount = (): number => kernelObjectsOf(process.pid).filter(({ kind }) => kind === 'link').length;

  test('each gives the event that its arguments and its result make', async () => {
    const program = compileProgram('rare-calls', probe.folder);
    const work = join(probe.folder, 'work');
    mkdirSync(work);
    probe.source.select([...rareSyscalls, ...calledAmongRare, MARK]);
    const { events, output } = await probe.run(`cd ${work}; exec ${program}`);
    const lines = output.trim().split('\n');
    const own = betweenMarks(events);
    expect(own.map((event, index) => renderLike(lines[index] ?? '', event))).toEqual(lines);
    const seen = new Set(own.map(({ name }) => name));
    const renamed: Readonly<Record<string, string>> = { pread64: 'pread', pwrite64: 'pwrite' };
    const unseen = rareSyscalls.filter((name) => !seen.has(renamed[name] ?? name));
    expect(unseen).toEqual([]);
  }, 60_000);

  test('programs for them are in the kernel only while one of them is wanted', () => {
    probe.source.select(['openat']);
    const usual = linkCount();
    probe.source.select(['openat', 'mprotect']);
    expect(linkCount()).toBe(usual + 1);
    probe.source.select(['openat', 'mprotect', MARK]);
    expect(linkCount()).toBe(usual + 2);
    probe.source.select(['openat']);
    expect(linkCount()).toBe(usual);
  });
});
