/** What program and machine use now, from `/proc` and the cgroup's files. What cannot be read is absent. */

import { readFileSync } from 'node:fs';

export interface MachineUsage {
  /** Of one CPU, over the life of the program; 1 is all of it. */
  readonly cpuRatio: number;
  readonly rssBytes: number | undefined;
  readonly vszBytes: number | undefined;
  readonly pssBytes: number | undefined;
  /** Of the cgroup that the program runs in. */
  readonly containerMemoryBytes: number | undefined;
  /** Of all CPUs, since the machine started. */
  readonly hostCpuRatio: number | undefined;
  readonly hostMemoryBytes: number | undefined;
  readonly hostRunningCount: number | undefined;
  readonly hostOpenFileCount: number | undefined;
}

/** Overrides where the cgroup's memory is read; the name is the reference's. */
const MEMORY_PATH_VARIABLE = 'FALCO_CGROUP_MEM_PATH';
const memoryPaths = ['/sys/fs/cgroup/memory.current', '/sys/fs/cgroup/memory/memory.usage_in_bytes'];
const KIB = 1_024;

export function readMachineUsage(environment: Readonly<Record<string, string | undefined>>): MachineUsage {
  const { user, system } = process.cpuUsage();
  const status = readText('/proc/self/status');
  const named = environment[MEMORY_PATH_VARIABLE];
  const paths = named === undefined || named === '' ? memoryPaths : [named];
  const stat = readText('/proc/stat');
  return {
    cpuRatio: (user + system) / 1e6 / process.uptime(),
    rssBytes: kilobytes(status, 'VmRSS'),
    vszBytes: kilobytes(status, 'VmSize'),
    pssBytes: kilobytes(readText('/proc/self/smaps_rollup'), 'Pss'),
    containerMemoryBytes: paths.map((path) => numberIn(readText(path), /^(\d+)/)).find(isPresent),
    hostCpuRatio: hostCpuRatio(stat),
    hostMemoryBytes: hostMemory(readText('/proc/meminfo')),
    hostRunningCount: numberIn(stat, /^procs_running (\d+)$/m),
    hostOpenFileCount: numberIn(readText('/proc/sys/fs/file-nr'), /^(\d+)/),
  };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function isPresent(value: number | undefined): value is number {
  return value !== undefined;
}

function numberIn(text: string, pattern: RegExp): number | undefined {
  const digits = pattern.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function kilobytes(text: string, name: string): number | undefined {
  const value = numberIn(text, new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm'));
  return value === undefined ? undefined : value * KIB;
}

/** Busy share of all jiffies: what is neither idle nor waiting for a disk. */
export function hostCpuRatio(stat: string): number | undefined {
  const words = /^cpu +(.*)$/m.exec(stat)?.[1]?.split(' ').map(Number);
  if (words === undefined) return undefined;
  // Guests' time is contained in the first two.
  const total = words.slice(0, 8).reduce((sum, value) => sum + value, 0);
  const idle = (words[3] ?? 0) + (words[4] ?? 0);
  return total === 0 ? undefined : (total - idle) / total;
}

export function hostMemory(memoryInfo: string): number | undefined {
  const [total, free] = [kilobytes(memoryInfo, 'MemTotal'), kilobytes(memoryInfo, 'MemFree')];
  if (total === undefined || free === undefined) return undefined;
  const caches = ['Buffers', 'Cached', 'SReclaimable'].map((name) => kilobytes(memoryInfo, name) ?? 0);
  return caches.reduce((rest, value) => rest - value, total - free) + (kilobytes(memoryInfo, 'Shmem') ?? 0);
}
