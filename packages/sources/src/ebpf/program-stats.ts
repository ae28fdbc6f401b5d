/**
 * How often the probe's programs ran, and how long, as the kernel counts it. It counts while somebody asks it to: the
 * sysctl `kernel.bpf_stats_enabled`, or a descriptor held open for it, which costs every program of the machine some
 * nanoseconds.
 */

import { readFileSync } from 'node:fs';
import { Fault } from '@peregrine/base';
import type { Libbpf } from './libbpf.ts';

export interface ProgramStats {
  /** `sys_exit`, `sched_process_exec`... */
  readonly name: string;
  /** Runs that were counted; 0 when nobody asked the kernel to count. */
  readonly runCount: number;
  readonly runTimeNs: number;
}

const BPF_STATS_RUN_TIME = 0;

/** Has the kernel count from now on; what it returns ends that. */
export function countRunTimes({ bpf, libc }: Libbpf): () => void {
  const fd = bpf.enableStats(BPF_STATS_RUN_TIME);
  if (fd < 0)
    throw new Fault('probe-stats', `the kernel does not measure its programs: ${libc.strerror(-fd)}`);
  return () => libc.close(fd);
}

/** `programs`: file descriptors of this process, by name. */
export function readProgramStats(programs: ReadonlyMap<string, number>): readonly ProgramStats[] {
  return [...programs].map(([name, fd]) => {
    const text = readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1');
    const read = (key: string): number => Number(new RegExp(`^${key}:\\s*(\\d+)$`, 'm').exec(text)?.[1] ?? 0);
    return { name, runCount: read('run_cnt'), runTimeNs: read('run_time_ns') };
  });
}
