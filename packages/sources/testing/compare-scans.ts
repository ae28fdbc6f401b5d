/** What two ways to look at the running processes have told, compared. */

import { isDeepStrictEqual } from 'node:util';
import { type FdRecord, fdKind, type ProcessRecord, type StateSink } from '@peregrine/state';
import { noState } from './live-probe.ts';

export interface Told {
  readonly processes: ReadonlyMap<number, ProcessRecord>;
  /** By process and number. */
  readonly fds: ReadonlyMap<string, FdRecord>;
  readonly order: readonly string[];
}

export function listen(scan: (sink: StateSink) => void): Told {
  const processes = new Map<number, ProcessRecord>();
  const fds = new Map<string, FdRecord>();
  const order: string[] = [];
  scan({
    ...noState,
    reset: () => void order.push('reset'),
    settle: () => void order.push('settle'),
    process: (record) => void processes.set(record.tid, record),
    fd: (record) => void fds.set(`${record.tid} ${record.fd}`, record),
  });
  return { processes, fds, order };
}

const TICK_NS = 10_000_000;
/** The clock that /proc counts from has a hundredth of a second, and so have the times. */
const CLOCK_NS = 3 * TICK_NS;

/** Fields that may differ: clocks of other precision, what changes by itself, what /proc counts or names otherwise. */
const inexact = {
  ...{ cloneTsNs: 0n, pidnsInitStartNs: 0, vmrssKb: 0, pfminor: 0, pfmajor: 0, cgroups: '' },
  ...{ isExeUpperLayer: false, isExeLowerLayer: false },
};

const reported = /^(cpuset|cpu|cpuacct|io|memory)=/;
/** An older hierarchy has another name for one of them. */
const cgroupsOf = ({ cgroups }: ProcessRecord): readonly string[] =>
  cgroups
    .split('\0')
    .map((entry) => entry.replace(/^blkio=/, 'io='))
    .filter((entry) => reported.test(entry))
    .sort();

const isNear = (left: number | bigint, right: number | bigint): boolean =>
  Math.abs(Number(BigInt(left) - BigInt(right))) < CLOCK_NS;

/** What the kernel's iterators tell otherwise than /proc, or not at all: nothing, it should be. */
export function processDifferences(kernel: Told, proc: Told): readonly string[] {
  return [...proc.processes].flatMap(([tid, expected]) => {
    const record = kernel.processes.get(tid);
    if (record === undefined) return [`${tid} ${expected.comm}: missing`];
    // Whose namespace has no /proc of its own, of that /proc does not tell.
    const first = [...kernel.processes.values()].find(({ vpid }) => vpid === 1);
    const start = record.vpid === record.pid ? expected.pidnsInitStartNs : (first?.cloneTsNs ?? 0n);
    const checks = {
      ...fieldChecks({ ...record, ...inexact }, { ...expected, ...inexact }),
      cgroups: isDeepStrictEqual(cgroupsOf(record), cgroupsOf(expected)),
      cloneTsNs: isNear(record.cloneTsNs, expected.cloneTsNs),
      pidnsInitStartNs: isNear(record.pidnsInitStartNs, start),
    };
    return Object.entries(checks).flatMap(([field, isSame]) =>
      isSame
        ? []
        : `${tid} ${expected.comm}: ${field} ${shown(record, field)}, not ${shown(expected, field)}`,
    );
  });
}

export function fdDifferences(kernel: Told, proc: Told): readonly string[] {
  const surplus = [...kernel.fds.keys()].filter((key) => !proc.fds.has(key)).map((key) => `${key}: surplus`);
  const others = [...proc.fds].flatMap(([key, expected]) => {
    const fd = kernel.fds.get(key);
    if (fd === undefined) return [`${key}: missing`];
    // /proc does not know a socket that is in no table yet, or in those of another network.
    if (expected.kind === fdKind.unknown) return fd.ino === expected.ino ? [] : [`${key}: ino`];
    return Object.entries(fieldChecks(comparable(fd), comparable(expected))).flatMap(([field, isSame]) =>
      isSame ? [] : `${key}: ${field} ${shown(fd, field)}, not ${shown(expected, field)}`,
    );
  });
  return [...surplus, ...others];
}

/** The kernel's addresses in the names of unix sockets are not for everyone. */
function comparable(fd: FdRecord): FdRecord {
  return fd.kind === fdKind.unix ? { ...fd, name: fd.name.replace(/^\S+/, '') } : fd;
}

function fieldChecks(left: object, right: object): Record<string, boolean> {
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  return Object.fromEntries(
    [...names].map((name) => [name, isDeepStrictEqual(Reflect.get(left, name), Reflect.get(right, name))]),
  );
}

function shown(record: object, field: string): string {
  return String(Reflect.get(record, field));
}
