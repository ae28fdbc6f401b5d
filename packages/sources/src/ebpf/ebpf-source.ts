/**
 * Events of the running kernel. HOT: `poll` allocates nothing per event.
 *
 * The probe writes events in the capture layout, so the view reads them where they lie in the ring. With several
 * rings the oldest event goes first; events younger than a moment ago wait for the next poll, since a ring already
 * looked at may get an older one meanwhile. Of one thread, and of a thread and what it starts, the order is always
 * kept: a thread goes on only after its event is in a ring. Between threads it is kept unless the kernel takes longer
 * than that moment from reading the clock to writing the event (a host that stops a virtual processor does).
 */

import { Fault } from '@peregrine/base';
import { EventView, syscallByName, TextInterner } from '@peregrine/events';
import type { StateSink } from '@peregrine/state';
import type { EventHandler, EventSource } from '../event-source.ts';
import type { ProcOptions } from '../procfs/scan-host.ts';
import { scanProc } from '../procfs/scan-proc.ts';
import { BootClock } from './boot-clock.ts';
import { buildProbe } from './build.ts';
import { accountHierarchy } from './cgroup-key.ts';
import type { AskedHookMode } from './hook-mode.ts';
import { type LoadedProbe, loadProbe } from './loader.ts';
import type { CgroupLoss } from './loss-table.ts';
import { ProbeCounters, type ProbeCounts, totalOf } from './probe-counters.ts';
import {
  controlLayout,
  hookFlag,
  interestFlag,
  PREFIX_BYTES,
  readerWaits,
  SYSCALL_TABLE_SIZE,
} from './probe-layout.ts';
import { type ProgramStats, readProgramStats } from './program-stats.ts';
import type { Ring } from './ring.ts';
import type { KillMode, ProbeKills, TakenKills } from './rule-kills.ts';
import { type IteratorProgram, scanKernel } from './scan/kernel-scan.ts';
import type { IteratorOutput } from './scan/record-reader.ts';
import { type ProbeScope, readCgroupMounts, resolveScope, scopeInProc, unlimitedScope } from './scope.ts';
import { compatCalls, genericIds, interestTable, usualSyscalls } from './syscall-coverage.ts';

export interface EbpfOptions {
  /** `cgroup:PATH` or `container:ID`; everything when absent. */
  readonly scope?: string | undefined;
  /** Calls to report, by name; those that tables and most rules are about when absent. Exec, fork and exit always are. */
  readonly syscalls?: Iterable<string> | undefined;
  /** Linux open flags: an open is reported only when it has one of them. All opens when absent. */
  readonly openFlags?: number | undefined;
  /** Bytes of each ring, a power of two. */
  readonly ringBytes?: number | undefined;
  /** CPUs that share a ring, a power of two. */
  readonly cpusPerRing?: number | undefined;
  /** How the probe gets into the kernel; `auto` when absent. */
  readonly hookMode?: AskedHookMode | undefined;
  /** A compiled probe; built when absent. */
  readonly objectPath?: string | undefined;
  /** Report this process, too. For tests. */
  readonly includesSelf?: boolean | undefined;
  /** Have the kernel count how long its programs run: `programs` tells. */
  readonly countsRunTimes?: boolean | undefined;
}

export interface EbpfCounters extends ProbeCounts {
  /** Holes in the sequence numbers of the records read: each is a lost record that the reader noticed, too. */
  readonly gapCount: number;
}

export type ScanOptions = Pick<ProcOptions, 'procRoot' | 'hostRoot'>;

export interface ScanResult {
  readonly threadCount: number;
  /** Why all was read from /proc; `undefined` when the kernel's iterators told. */
  readonly procReason: string | undefined;
}

export interface EbpfSource extends EventSource {
  /**
   * Waits that long, whole milliseconds, or until a ring fills up; `event`: until there is any event. The kernel is
   * asked to wake this thread only for that, since being woken is dear.
   */
  idle(ms: number, until?: 'filling' | 'event'): void;
  /** Lets events come together for a moment: many at a time cost less each. Short enough for no ring to fill up. */
  rest(): void;
  /**
   * Tells the sink, reset before, what runs and what is open already within the scope, and what runs above it. Events
   * come from before it on: with those that are read later, nothing is missed.
   */
  scan(sink: StateSink, options?: ScanOptions): ScanResult;
  /** Changes what is reported, at once, without a gap in the rest. */
  select(syscalls: Iterable<string>, openFlags?: number): void;
  /** A filter made from the rules, in the probe's layout; `undefined`: report all that is selected. At once. */
  filter(filter: Uint8Array | undefined): void;
  /** Rules whose processes the kernel is to end, from now on; for calls that are selected. */
  respond(kills: ProbeKills, mode: KillMode): void;
  /** What the kernel ended, or would have, since the last look. */
  takeKills(): TakenKills;
  /** Tells the probe that the tables are about to learn of descriptors by another way than its events. */
  forgetFds(): void;
  counters(): EbpfCounters;
  /** Whose events were lost since the last call. */
  takeCgroupLosses(): readonly CgroupLoss[];
  programs(): readonly ProgramStats[];
  /** This process's id, as events have it. */
  readonly ownPid: number;
}

const DEFAULT_RING_BYTES = 8 * 1024 * 1024;
const DEFAULT_CPUS_PER_RING = 4;
const CLOCK_CHECK_INTERVAL_MS = 1_000;
/** Age from which an event's order is settled, nanoseconds: a record is written well within this time. */
const SETTLED_AFTER_NS = 200_000n;
/** A little more than that. */
const SETTLING_MS = 0.25;
/** How long events may come together, and how fast they fill a ring at the worst, a quarter of which they may take. */
const LONGEST_REST_MS = 1;
const FASTEST_BYTES_PER_MS = 100_000;
const POLLIN = 1;
const LOW_WORD = 0xffff_ffffn;

/** Throws a Fault where the probe cannot be built, loaded or limited as asked. */
export function openEbpf(options: EbpfOptions = {}): EbpfSource {
  const ringBytes = options.ringBytes ?? DEFAULT_RING_BYTES;
  const cpusPerRing = options.cpusPerRing ?? DEFAULT_CPUS_PER_RING;
  for (const [name, value] of Object.entries({ ringBytes, cpusPerRing }))
    if (!Number.isInteger(Math.log2(value)))
      throw new Fault('probe-options', `${name} must be a power of two, not ${value}`);
  const scope = options.scope === undefined ? unlimitedScope : resolveScope(options.scope);
  const syscalls = [...(options.syscalls ?? usualSyscalls)];
  const interest = interestTable(syscalls, options.openFlags !== undefined);
  const objectPath = options.objectPath ?? buildProbe();
  const probe = loadProbe({
    objectPath,
    ringBytes,
    cpusPerRing,
    hookMode: options.hookMode ?? 'auto',
    syscalls,
    countsRunTimes: options.countsRunTimes ?? false,
  });
  const { control } = probe;
  control.setUint32(controlLayout.scopeHierarchy, scope.hierarchy, true);
  control.setUint32(controlLayout.scopeLevel, scope.level, true);
  control.setBigUint64(controlLayout.scopeCgroup, scope.cgroupId, true);
  control.setUint32(controlLayout.accountHierarchy, accountHierarchy(readCgroupMounts()), true);
  control.setUint32(controlLayout.ignoredTgid, options.includesSelf ? 0 : probe.ownPid, true);
  control.setUint32(controlLayout.hooks, hookFlag.exec | hookFlag.fork | hookFlag.exit, true);
  const memory = new Uint8Array(control.buffer, control.byteOffset);
  memory.set(new Uint8Array(genericIds().buffer), controlLayout.genericIds);
  memory.set(new Uint8Array(compatCalls().buffer), controlLayout.compatCalls);
  const source = new RunningProbe(probe, scope);
  try {
    probe.watch(syscalls);
  } catch (error) {
    source.close();
    throw error;
  }
  source.apply(interest, options.openFlags);
  control.setUint32(controlLayout.isEnabled, 1, true);
  return source;
}

function titleOf({ hookMode, hookModeReason }: LoadedProbe): string {
  const why =
    hookModeReason === undefined ? '' : `, since this kernel does not take fexit: ${hookModeReason}`;
  return `eBPF (${hookMode} mode${why})`;
}

class RunningProbe implements EbpfSource {
  readonly title: string;
  readonly ownPid: number;
  readonly #probe: LoadedProbe;
  readonly #scope: ProbeScope;
  readonly #rings: readonly Ring[];
  readonly #clock: BootClock;
  readonly #counters: ProbeCounters;
  readonly #view = new EventView(new TextInterner());
  /** Ring that the view looks into. */
  #viewed: Ring | undefined;
  /** Nobody ever notifies it: waiting for it is a pause. */
  readonly #pause = new Int32Array(new SharedArrayBuffer(4));
  readonly #pollFds: Int32Array;
  readonly #restMs: number;
  /** Sequence number of the latest record of each CPU. */
  readonly #sequences: Uint32Array;
  #interest: Uint8Array = new Uint8Array(SYSCALL_TABLE_SIZE);
  /** Calls for which the kernel may end a process. */
  #killed: readonly string[] = [];
  #gapCount = 0;
  #nextClockCheckMs = 0;
  #isClosed = false;

  constructor(probe: LoadedProbe, scope: ProbeScope) {
    this.#probe = probe;
    this.#scope = scope;
    this.title = titleOf(probe);
    this.ownPid = probe.ownPid;
    this.#rings = probe.rings;
    this.#counters = new ProbeCounters(probe.counters, probe.cpuCount);
    this.#sequences = new Uint32Array(probe.cpuCount);
    this.#pollFds = Int32Array.from(probe.ringFds.flatMap((fd) => [fd, POLLIN]));
    this.#restMs = Math.min(LONGEST_REST_MS, probe.ringBytes / 4 / FASTEST_BYTES_PER_MS);
    this.#clock = new BootClock(probe.library.libc);
    this.#writeOffset();
  }

  apply(interest: Uint8Array, openFlags: number | undefined): void {
    const { control } = this.#probe;
    control.setUint32(controlLayout.openFlags, openFlags ?? 0, true);
    this.#interest = interest;
    this.#writeInterest();
  }

  #writeInterest(): void {
    const { control } = this.#probe;
    const interest = this.#interest.slice();
    for (const name of this.#killed) {
      const number = syscallByName(name)?.x86Number ?? interest.length;
      if (((interest[number] ?? 0) & interestFlag.emit) !== 0)
        interest[number] = (interest[number] ?? 0) | interestFlag.kill;
    }
    new Uint8Array(control.buffer, control.byteOffset + controlLayout.interest, interest.length).set(
      interest,
    );
  }

  scan(sink: StateSink, options: ScanOptions = {}): ScanResult {
    const { iterators } = this.#probe;
    // The kernel lists the tasks of the reader's pid namespace.
    const isInside = this.ownPid !== process.pid;
    let procReason = isInside ? 'this program has a pid namespace of its own' : iterators.obstacle;
    if (procReason === undefined) {
      try {
        const open = (program: IteratorProgram): IteratorOutput => iterators.open(program);
        return { threadCount: scanKernel(sink, { ...options, open }), procReason };
      } catch (error) {
        [procReason = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
      } finally {
        iterators.close();
      }
    }
    return {
      threadCount: scanProc(sink, { ...options, scope: scopeInProc(this.#scope, options.procRoot) }),
      procReason,
    };
  }

  select(syscalls: Iterable<string>, openFlags?: number): void {
    const names = [...syscalls];
    const interest = interestTable(names, openFlags !== undefined);
    this.#probe.watch(names);
    this.apply(interest, openFlags);
  }

  filter(filter: Uint8Array | undefined): void {
    this.#probe.filters.use(filter);
  }

  respond(kills: ProbeKills, mode: KillMode): void {
    this.#killed = mode === 'off' ? [] : [...kills.calls.keys()];
    this.#probe.kills.use(kills, mode);
    this.#writeInterest();
  }

  takeKills(): TakenKills {
    return this.#probe.kills.take();
  }

  forgetFds(): void {
    this.#probe.filters.forgetFds();
  }

  #writeOffset(): void {
    this.#probe.control.setBigInt64(controlLayout.bootToEpochNs, this.#clock.offsetNs, true);
  }

  #followClock(): void {
    const nowMs = performance.now();
    if (nowMs < this.#nextClockCheckMs) return;
    this.#nextClockCheckMs = nowMs + CLOCK_CHECK_INTERVAL_MS;
    if (this.#clock.correct()) this.#writeOffset();
  }

  poll(_sink: StateSink, handler: EventHandler, limit: number): number | 'end' {
    if (this.#isClosed) return 'end';
    this.#followClock();
    const first = this.#rings[0];
    if (first === undefined) return 'end';
    return this.#rings.length === 1 ? this.#drain(first, handler, limit) : this.#merge(handler, limit);
  }

  #drain(ring: Ring, handler: EventHandler, limit: number): number {
    let count = 0;
    ring.refresh();
    for (let at = ring.next(); at >= 0 && count < limit; at = ring.next()) {
      this.#hand(ring, at, handler);
      count++;
    }
    ring.release();
    return count;
  }

  #merge(handler: EventHandler, limit: number): number {
    const settled = this.#clock.bootNs() + this.#clock.offsetNs - SETTLED_AFTER_NS;
    const settledHigh = Number(settled >> 32n);
    const settledLow = Number(settled & LOW_WORD);
    let count = 0;
    for (const ring of this.#rings) ring.refresh();
    while (count < limit) {
      const ring = this.#oldest(settledHigh, settledLow);
      if (ring === undefined) break;
      this.#hand(ring, ring.next(), handler);
      count++;
    }
    for (const ring of this.#rings) ring.release();
    return count;
  }

  /** The ring whose next event is the oldest, if that is not younger than the time given. */
  #oldest(limitHigh: number, limitLow: number): Ring | undefined {
    let oldest: Ring | undefined;
    let high = limitHigh;
    let low = limitLow;
    for (let i = 0; i < this.#rings.length; i++) {
      const ring = this.#rings[i] as Ring;
      const at = ring.next();
      if (at < 0) continue;
      const eventHigh = ring.data.getUint32(at + PREFIX_BYTES + 4, true);
      const eventLow = ring.data.getUint32(at + PREFIX_BYTES, true);
      if (eventHigh > high || (eventHigh === high && eventLow > low)) continue;
      oldest = ring;
      high = eventHigh;
      low = eventLow;
    }
    return oldest;
  }

  #hand(ring: Ring, at: number, handler: EventHandler): void {
    const view = this.#view;
    if (this.#viewed !== ring) {
      this.#viewed = ring;
      view.attach(ring.bytes, ring.data);
    }
    const cpu = ring.data.getUint16(at, true);
    const sequence = ring.data.getUint32(at + 4, true);
    this.#gapCount += (sequence - (this.#sequences[cpu] as number) - 1) >>> 0;
    this.#sequences[cpu] = sequence;
    view.moveTo(at + PREFIX_BYTES, 2, cpu);
    try {
      handler(view);
    } finally {
      ring.advance();
    }
  }

  rest(): void {
    Atomics.wait(this.#pause, 0, 0, this.#restMs);
  }

  idle(ms: number, until: 'filling' | 'event' = 'filling'): void {
    // Events that are too young to be put in order are waited for; polling would not wait.
    if (this.#hasEvents()) {
      Atomics.wait(this.#pause, 0, 0, SETTLING_MS);
      return;
    }
    const { control, library, ringFds } = this.#probe;
    control.setUint32(controlLayout.readerWaits, readerWaits[until], true);
    library.libc.poll(this.#pollFds, ringFds.length, ms);
    control.setUint32(controlLayout.readerWaits, readerWaits.no, true);
  }

  #hasEvents(): boolean {
    for (const ring of this.#rings) {
      ring.refresh();
      if (ring.next() >= 0) return true;
    }
    return false;
  }

  counters(): EbpfCounters {
    return { ...this.#counters.read(), gapCount: this.#gapCount };
  }

  takeCgroupLosses(): readonly CgroupLoss[] {
    return this.#counters.lost() === 0 ? [] : this.#probe.losses.take();
  }

  programs(): readonly ProgramStats[] {
    return readProgramStats(this.#probe.programs.values());
  }

  losses(): Readonly<Record<string, number>> {
    const { droppedByCode, limitedByCode, busyCount } = this.#counters.read();
    return {
      ring_full: totalOf(droppedByCode) - busyCount,
      cgroup_limit: totalOf(limitedByCode),
      buffer_busy: busyCount,
    };
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#probe.close();
  }
}
