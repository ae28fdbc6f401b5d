/** Calls through the 32-bit entry in this machine's kernel. Root and BTF needed. */

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { betweenMarks, liveObstacle, renderLike } from '../../testing/live-probe.ts';
import { compileProgram, useLiveProbe } from '../../testing/use-live-probe.ts';
import { coveredSyscalls } from './syscall-coverage.ts';

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

describe.skipIf(obstacle !== undefined)(title, () => {
  const probe = useLiveProbe();

  test('each gives the event of its 64-bit twin', async () => {
    const program = compileProgram('compat-calls', probe.folder);
    const work = join(probe.folder, 'work');
    mkdirSync(work);
    const { events, output } = await probe.run(`cd ${work}; exec ${program}`);
    const lines = output.trim().split('\n');
    const first = events.findIndex(({ name }) => name === 'mkdir');
    const last = events.findIndex(({ name }) => name === 'rmdir');
    const own = events.slice(first, last + 1);
    expect(own.map((event, index) => renderLike(lines[index] ?? '', event))).toEqual(lines);
  }, 60_000);

  test('a program of 32 bits starts, calls and starts another', async () => {
    const code = `
      static long call(long number, const void *a, const void *b, const void *c)
      {
        long result;
        __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory");
        return result;
      }
      void _start(void)
      {
        const char *arguments[] = {"/bin/true", "of 32 bits", 0}, *environment[] = {"A=1", 0};
        call(39, "made", (void *)0700, 0);
        call(11, "/nowhere", arguments, environment);
        call(11, "/bin/true", arguments, environment);
      }`;
    const program = join(probe.folder, 'small');
    const flags = ['-m32', '-march=i686', '-nostdlib', '-static', '-ffreestanding', '-w'];
    execFileSync('clang', ['-x', 'c', ...flags, '-o', program, '-'], { input: code });
    const { events } = await probe.run(`cd ${probe.folder}; exec ${program} one`);
    const first = events.findIndex(({ name, params }) => name === 'execve' && params.comm === 'small');
    const own = events.slice(first).filter(({ name }) => name === 'execve' || name === 'mkdir');
    const lines = [
      `execve res=0 exe=${program} args=one| filename=${program} trusted_exepath=${program}`,
      'mkdir res=0 path=made mode=448',
      `execve res=-2 exe=/bin/true args=of 32 bits| env=A=1| filename=/nowhere comm=small`,
      'execve res=0 exe=/bin/true args=of 32 bits| env=A=1| filename=/bin/true comm=true',
    ];
    expect(own.map((event, index) => renderLike(lines[index] ?? '', event))).toEqual(lines);
  }, 60_000);

  test('so do those that few rules ask for, and those without an event type', async () => {
    const program = compileProgram('compat-rare-calls', probe.folder);
    const work = join(probe.folder, 'rare');
    mkdirSync(work);
    const native = ['open', 'openat', 'socketpair', 'pipe', 'pipe2'];
    probe.source.select(coveredSyscalls.filter((name) => !native.includes(name)));
    const { events, output } = await probe.run(`cd ${work}; exec ${program}`);
    const lines = output.trim().split('\n');
    const own = betweenMarks(events);
    expect(own.map((event, index) => renderLike(lines[index] ?? '', event))).toEqual(lines);
  }, 60_000);
});
