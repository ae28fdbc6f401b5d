/** Brings the probe into the kernel: checks what it needs, loads, attaches, and maps what it shares with us. */

import { existsSync, readFileSync } from 'node:fs';
import { Fault } from '@peregrine/base';
import { fexitObstacle } from './fexit-trial.ts';
import { type AskedHookMode, chooseHooks, type HookMode, hooksFor, SyscallHooks } from './hook-mode.ts';
import { KERNEL_TYPES_PATH, type KernelTypes, readKernelTypes } from './kernel-types.ts';
import { type Libbpf, loadLibbpf, type Mapping, mapMemory, pageSizeOf } from './libbpf.ts';
import { LossTable } from './loss-table.ts';
import { ownPid } from './own-pid.ts';
import { controlLayout, countersLayout, filterLayout, killsLayout } from './probe-layout.ts';
import { ProbeObject } from './probe-object.ts';
import { type AttachedProgram, countRunTimes } from './program-stats.ts';
import { Ring } from './ring.ts';
import { RuleFilters } from './rule-filters.ts';
import { RuleKills } from './rule-kills.ts';
import { type IteratorProgram, iteratorPrograms } from './scan/kernel-scan.ts';
import type { IteratorOutput } from './scan/record-reader.ts';

export interface LoaderOptions {
  readonly objectPath: string;
  /** Bytes of each ring: a power of two and a multiple of the page size. */
  readonly ringBytes: number;
  /** CPUs that share a ring: a power of two. */
  readonly cpusPerRing: number;
  /** Have the kernel count how long its programs run. */
  readonly countsRunTimes: boolean;
  readonly hookMode: AskedHookMode;
  /** Calls to watch at first: their programs are loaded together with the others. */
  readonly syscalls: Iterable<string>;
}

/** Programs that the kernel runs over its own lists. They leave it after their first use. */
export interface Iterators {
  /** Why this kernel has none for us; `undefined` when it has. */
  readonly obstacle: string | undefined;
  /** One's output, to be closed by the caller. */
  open(program: IteratorProgram): IteratorOutput;
  close(): void;
}

/** The probe in the kernel, attached but switched off until `control` says otherwise. */
export interface LoadedProbe {
  readonly hookMode: HookMode;
  /** Why not the other mode; `undefined` when this one was asked for, or is the better one. */
  readonly hookModeReason: string | undefined;
  /** Calls from now on. In tracepoint mode `control.interest` alone says so. */
  watch(syscalls: Iterable<string>): void;
  readonly iterators: Iterators;
  readonly library: Libbpf;
  readonly rings: readonly Ring[];
  readonly ringFds: readonly number[];
  readonly ringBytes: number;
  /** `struct control`, shared with the kernel. */
  readonly control: DataView;
  /** `struct cpu_counters` of each possible CPU, shared with the kernel. */
  readonly counters: BigUint64Array;
  readonly cpuCount: number;
  readonly losses: LossTable;
  readonly filters: RuleFilters;
  readonly kills: RuleKills;
  /** The attached programs, by name. */
  readonly programs: ReadonlyMap<string, AttachedProgram>;
  /** This process's id, as events have it. */
  readonly ownPid: number;
  close(): void;
}

const BPF_MAP_TYPE_RINGBUF = 27;
const CAP_SYS_ADMIN = 21n;
const CAP_PERFMON = 38n;
const CAP_BPF = 39n;
/** Length of the range of user ids. */
const ALL_USERS = '4294967295';
const GRANTS =
  '`AmbientCapabilities=` of a systemd unit, `--cap-add` of a container, `securityContext.capabilities` of a pod';

/** Why the probe cannot run here, or `undefined`. For tests that skip by name, too. */
export function probeObstacle(): Fault | undefined {
  if (process.platform !== 'linux') return new Fault('probe-platform', 'eBPF needs Linux');
  const missing = missingCapabilities();
  if (missing.length > 0)
    return new Fault(
      'probe-privileges',
      `loading the eBPF probe needs root, or CAP_BPF and CAP_PERFMON; missing here: ${missing.join(', ')}`,
      { hint: `run as root, or grant them (${GRANTS}), or read a capture file instead` },
    );
  if (!hasAllUsers())
    return new Fault('probe-user-namespace', 'this process is root in its own user namespace only', {
      hint: "the kernel takes the eBPF probe from the machine's root: start it outside, or in a container that is not rootless",
    });
  if (!existsSync(KERNEL_TYPES_PATH))
    return new Fault(
      'probe-btf',
      `the kernel does not describe its types: there is no ${KERNEL_TYPES_PATH}`,
      {
        hint: 'use a kernel built with CONFIG_DEBUG_INFO_BTF=y',
      },
    );
  return undefined;
}

/** Those that it takes. The older CAP_SYS_ADMIN has both in it. */
function missingCapabilities(): readonly string[] {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1] ?? '0';
  const capabilities = BigInt(`0x${effective}`);
  const has = (bit: bigint): boolean => ((capabilities >> bit) & 1n) === 1n;
  if (has(CAP_SYS_ADMIN)) return [];
  return [...(has(CAP_BPF) ? [] : ['CAP_BPF']), ...(has(CAP_PERFMON) ? [] : ['CAP_PERFMON'])];
}

/** Only the machine's own user namespace has every user in it. */
function hasAllUsers(): boolean {
  const [inside, outside, count] = readFileSync('/proc/self/uid_map', 'latin1').trim().split(/\s+/);
  return inside === '0' && outside === '0' && count === ALL_USERS;
}

/** Highest CPU number that the kernel may ever use, plus one. */
function possibleCpuCount(): number {
  const last = readFileSync('/sys/devices/system/cpu/possible', 'latin1').trim().split(/[-,]/).at(-1);
  return Number(last) + 1;
}

/** Things to undo, last first. */
class Undo {
  readonly #steps: (() => void)[] = [];

  add(step: () => void): void {
    this.#steps.push(step);
  }

  run(): void {
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) step();
  }
}

/** Throws a Fault with a code and, where there is one, a hint. Leaves nothing behind then. */
export function loadProbe(options: LoaderOptions): LoadedProbe {
  const obstacle = probeObstacle();
  if (obstacle !== undefined) throw obstacle;
  const undo = new Undo();
  try {
    const library = loadLibbpf();
    undo.add(library.release);
    return loadChosen(library, options, undo);
  } catch (error) {
    undo.run();
    throw error;
  }
}

interface Choice {
  readonly mode: HookMode;
  /** See `hookModeReason`. */
  readonly reason: string | undefined;
}

function loadChosen(library: Libbpf, options: LoaderOptions, undo: Undo): LoadedProbe {
  const types = readKernelTypes();
  const { hookMode } = options;
  if (hookMode !== 'auto') return load(library, types, { mode: hookMode, reason: undefined }, options, undo);
  let reason = fexitObstacle(library, types);
  if (reason === undefined) {
    const undoFexit = new Undo();
    try {
      const probe = load(library, types, { mode: 'fexit', reason }, options, undoFexit);
      undo.add(() => undoFexit.run());
      return probe;
    } catch (error) {
      undoFexit.run();
      if (!(error instanceof Fault)) throw error;
      [reason = ''] = error.message.split('\n');
    }
  }
  return load(library, types, { mode: 'tracepoint', reason }, options, undo);
}

function load(
  library: Libbpf,
  types: KernelTypes,
  { mode, reason }: Choice,
  options: LoaderOptions,
  undo: Undo,
): LoadedProbe {
  const { bpf, libc } = library;
  const cpuCount = possibleCpuCount();
  const ringCount = Math.ceil(cpuCount / options.cpusPerRing);
  const object = new ProbeObject(library, options.objectPath, {
    maxEntries: { counters: cpuCount, scratches: cpuCount, rings: ringCount },
    constants: Uint32Array.of(Math.log2(options.cpusPerRing), options.ringBytes, mode === 'fexit' ? 1 : 0),
  });
  undo.add(() => object.close());
  const chosen = chooseHooks(types, mode);
  const first = hooksFor(chosen.syscalls, options.syscalls);
  const iterators = loadWithIterators(object, [
    ...Object.keys(chosen.always),
    ...first.map(({ program }) => program),
  ]);

  const ringFds = Array.from({ length: ringCount }, (_, index) => {
    const fd = bpf.createMap(BPF_MAP_TYPE_RINGBUF, 'peregrine_ring', 0, 0, options.ringBytes, null);
    if (fd < 0) throw new Fault('probe-memory', `cannot make a ring: ${libc.strerror(-fd)}`);
    undo.add(() => libc.close(fd));
    const stored = bpf.updateElement(object.mapFd('rings'), Uint32Array.of(index), Uint32Array.of(fd), 0);
    if (stored < 0)
      throw new Fault('probe-memory', `cannot hand a ring to the probe: ${libc.strerror(-stored)}`);
    return fd;
  });
  const rings = ringFds.map((fd) => {
    const ring = new Ring(library, fd, options.ringBytes);
    undo.add(() => ring.close());
    return ring;
  });
  const page = pageSizeOf(library);
  const share = (name: string, bytes: number, isWritable: boolean): Mapping => {
    const length = Math.ceil(bytes / page) * page;
    const mapping = mapMemory(library, { fd: object.mapFd(name), length, isWritable });
    undo.add(mapping.unmap);
    return mapping;
  };
  const control = share('.data.control', controlLayout.sizeBytes, true);
  const counters = share('counters', cpuCount * countersLayout.words * 8, false);
  const kills = share('.data.kills', killsLayout.sizeBytes, true);
  const filters = share('filters', filterLayout.places * filterLayout.sizeBytes, true);

  const programs = new Map<string, AttachedProgram>();
  if (options.countsRunTimes) undo.add(countRunTimes(library));
  const attach = (name: string, hook: string): (() => void) => {
    const detach = object.attach(name);
    programs.set(name, { hook, fd: object.programFd(name) });
    return () => {
      programs.delete(name);
      detach();
    };
  };
  for (const [name, hook] of Object.entries(chosen.always)) undo.add(attach(name, hook));
  const hooks = new SyscallHooks(chosen.syscalls, { load: (names) => object.load(names), attach });
  undo.add(() => hooks.close());
  const controlView = new DataView(control.buffer, 0, controlLayout.sizeBytes);
  return {
    hookMode: mode,
    hookModeReason: reason,
    watch: (syscalls) => hooks.watch(syscalls),
    iterators,
    library,
    rings,
    ringFds,
    control: controlView,
    ringBytes: options.ringBytes,
    counters: new BigUint64Array(counters.buffer, 0, cpuCount * countersLayout.words),
    cpuCount,
    losses: new LossTable(library, object.mapFd('losses')),
    filters: new RuleFilters(controlView, new Uint8Array(filters.buffer)),
    kills: new RuleKills(
      library,
      new DataView(kills.buffer, 0, killsLayout.sizeBytes),
      object.mapFd('kill_paths'),
    ),
    programs,
    ownPid: ownPid(library),
    close: () => undo.run(),
  };
}

/** All at once takes the least time; a kernel without iterators then gets the rest. */
function loadWithIterators(object: ProbeObject, programs: readonly string[]): Iterators {
  const names = Object.values(iteratorPrograms);
  let obstacle: string | undefined;
  try {
    object.load([...programs, ...names]);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    object.load(programs);
    [obstacle] = error.message.split('\n');
  }
  return {
    obstacle,
    open(program) {
      object.load(names);
      return object.iterate(program);
    },
    close: () => object.unload(names),
  };
}
