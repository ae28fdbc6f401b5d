/**
 * How often the probe's programs ran, and how long, as the kernel counts it. It counts while somebody asks it to: the
 * sysctl `kernel.bpf_stats_enabled`, or a descriptor held open for it, which costs every program of the machine some
 * nanoseconds.
 */

import { readFileSync } from 'node:fs';
import { Fault } from '@peregrine/base';
import { type Libbpf, loadLibbpf } from './libbpf.ts';

export interface ProgramStats {
  /** What they hang on: `sys_exit`, `sched_process_exec`, `__x64_sys_openat`... */
  readonly name: string;
  /** Runs that were counted; 0 when nobody asked the kernel to count. */
  readonly runCount: number;
  readonly runTimeNs: number;
}

const BPF_STATS_RUN_TIME = 0;

/** Has the kernel count from now on; what it returns ends that. */
export function countRunTimes(library: Libbpf): () => void {
  const fd = askForRunTimes(library);
  return () => library.libc.close(fd);
}

/** The same, until this process ends, and on in a program that takes its place: gives the descriptor that asks for it. */
export function countRunTimesForGood(): number {
  const library = loadLibbpf();
  const fd = askForRunTimes(library);
  library.release();
  return fd;
}

function askForRunTimes({ bpf, libc }: Libbpf): number {
  const fd = bpf.enableStats(BPF_STATS_RUN_TIME);
  if (fd < 0)
    throw new Fault('probe-stats', `the kernel does not measure its programs: ${libc.strerror(-fd)}`);
  return fd;
}

/** A program that is attached: what it hangs on, and its file descriptor in this process. */
export interface AttachedProgram {
  readonly hook: string;
  readonly fd: number;
}

/** Programs that hang on the same hook count together. */
export function readProgramStats(programs: Iterable<AttachedProgram>): readonly ProgramStats[] {
  const byHook = new Map<string, ProgramStats>();
  for (const { hook, fd } of programs) {
    const text = readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1');
    const read = (key: string): number => Number(new RegExp(`^${key}:\\s*(\\d+)$`, 'm').exec(text)?.[1] ?? 0);
    const { runCount = 0, runTimeNs = 0 } = byHook.get(hook) ?? {};
    byHook.set(hook, {
      name: hook,
      runCount: runCount + read('run_cnt'),
      runTimeNs: runTimeNs + read('run_time_ns'),
    });
  }
  return [...byHook.values()];
}
