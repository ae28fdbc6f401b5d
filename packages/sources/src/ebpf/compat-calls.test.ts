/** Calls through the 32-bit entry in this machine's kernel. Root and BTF needed. */

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createLiveCgroup,
  type LiveCgroup,
  type LiveEvent,
  liveObstacle,
  runLive,
} from '../../testing/live-probe.ts';
import { type EbpfSource, openEbpf } from './ebpf-source.ts';

/** Why there are no 32-bit calls here: a kernel without them kills the caller. */
function compatObstacle(): string | undefined {
  if (process.arch !== 'x64') return 'only x86_64 has this entry';
  const code = 'int main(void) { int r; asm volatile("int $0x80" : "=a"(r) : "a"(20)); return r <= 0; }';
  const program = join(mkdtempSync(join(tmpdir(), 'peregrine-compat-')), 'try');
  execFileSync('clang', ['-x', 'c', '-o', program, '-'], { input: code });
  return spawnSync(program).status === 0 ? undefined : 'the kernel has no 32-bit calls';
}

const obstacle = liveObstacle() ?? compatObstacle();
const title = obstacle === undefined ? '32-bit calls' : `32-bit calls (skipped: ${obstacle})`;

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
    folder = mkdtempSync(join(tmpdir(), 'peregrine-compat-'));
  }, 60_000);
  afterAll(async () => {
    source?.close();
    await cgroup?.remove();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  test('each gives the event of its 64-bit twin', async () => {
    const program = join(folder, 'calls');
    const work = join(folder, 'work');
    mkdirSync(work);
    const code = fileURLToPath(new URL('../../testing/compat-calls.c', import.meta.url));
    execFileSync('clang', ['-static', '-O1', '-w', '-o', program, code]);
    const { events, output } = await runLive(source, cgroup, `cd ${work}; exec ${program}`);
    const lines = output.trim().split('\n');
    const first = events.findIndex(({ name }) => name === 'mkdir');
    const last = events.findIndex(({ name }) => name === 'rmdir');
    const own = events.slice(first, last + 1);
    expect(own.map((event, index) => renderLike(lines[index] ?? '', event))).toEqual(lines);
    expect(source.counters().compatSkippedCount).toBe(0);
  }, 60_000);
});
