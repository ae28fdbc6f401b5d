/** Calls that few rules ask for, and those without an event type: watched when asked for. Root and BTF needed. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kernelObjectsOf } from '../../testing/kernel-objects.ts';
import {
  createLiveCgroup,
  type LiveCgroup,
  type LiveEvent,
  liveObstacle,
  runLive,
} from '../../testing/live-probe.ts';
import { type EbpfSource, openEbpf } from './ebpf-source.ts';
import { rareSyscalls } from './syscall-coverage.ts';

const obstacle = liveObstacle();
const title = obstacle === undefined ? 'calls on request' : `calls on request (skipped: ${obstacle})`;

/** Call without an event type that `rare-calls.c` makes before and after the others, and its number on the wire. */
const MARK = 'getpgid';
const MARK_NUMBER = '121';

/** The parameters that a line of `rare-calls.c` names. */
function renderLike(line: string, event: LiveEvent): string {
  const names = [...line.matchAll(/ (\w+)=/g)].map((match) => match[1] ?? '');
  return [event.name, ...names.map((name) => `${name}=${event.params[name]}`)].join(' ');
}

describe.skipIf(obstacle !== undefined)(title, () => {
  let cgroup: LiveCgroup;
  let source: EbpfSource;
  let folder: string;

  beforeAll(() => {
    cgroup = createLiveCgroup();
    source = openEbpf({ scope: `cgroup:${cgroup.path}` });
    folder = mkdtempSync(join(tmpdir(), 'peregrine-rare-'));
  }, 60_000);
  afterAll(async () => {
    source?.close();
    await cgroup?.remove();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  const linkCount = (): number => kernelObjectsOf(process.pid).filter(({ kind }) => kind === 'link').length;

  test('each gives the event that its arguments and its result make', async () => {
    const program = join(folder, 'rare-calls');
    const work = join(folder, 'work');
    mkdirSync(work);
    const code = fileURLToPath(new URL('../../testing/rare-calls.c', import.meta.url));
    execFileSync('clang', ['-static', '-O1', '-w', '-o', program, code]);
    source.select([...rareSyscalls, MARK]);
    const { events, output } = await runLive(source, cgroup, `cd ${work}; exec ${program}`);
    const lines = output.trim().split('\n');
    const marks = events.flatMap((event, index) =>
      event.name === 'syscall' && event.params.nativeID === MARK_NUMBER ? [index] : [],
    );
    expect(marks).toHaveLength(2);
    const own = events.slice((marks[0] ?? 0) + 1, marks[1]);
    expect(own.map((event, index) => renderLike(lines[index] ?? '', event))).toEqual(lines);
    const seen = new Set(own.map(({ name }) => name));
    const renamed: Readonly<Record<string, string>> = { pread64: 'pread', pwrite64: 'pwrite' };
    const unseen = rareSyscalls.filter((name) => !seen.has(renamed[name] ?? name));
    expect(unseen).toEqual([]);
  }, 60_000);

  test('programs for them are in the kernel only while one of them is wanted', () => {
    source.select(['openat']);
    const usual = linkCount();
    source.select(['openat', 'mprotect']);
    expect(linkCount()).toBe(usual + 1);
    source.select(['openat', 'mprotect', MARK]);
    expect(linkCount()).toBe(usual + 2);
    source.select(['openat']);
    expect(linkCount()).toBe(usual);
  });
});
