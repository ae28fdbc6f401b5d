/** Brings the probe into the kernel: checks what it needs, loads, attaches, and maps what it shares with us. */

import { existsSync, readFileSync } from 'node:fs';
import { Fault } from '@peregrine/base';
import { type AskedHookMode, chooseHooks, type HookMode, SyscallHooks } from './hook-mode.ts';
import { type Libbpf, loadLibbpf, type Mapping, mapMemory, type Pointer, pageSizeOf } from './libbpf.ts';
import { LossTable } from './loss-table.ts';
import { controlLayout, countersLayout } from './probe-layout.ts';
import { countRunTimes } from './program-stats.ts';
import { Ring } from './ring.ts';

export interface LoaderOptions {
  readonly objectPath: string;
  /** Bytes of each ring: a power of two and a multiple of the page size. */
  readonly ringBytes: number;
  /** CPUs that share a ring: a power of two. */
  readonly cpusPerRing: number;
  /** Have the kernel count how long its programs run. */
  readonly countsRunTimes: boolean;
  readonly hookMode: AskedHookMode;
}

/** The probe in the kernel, attached but switched off until `control` says otherwise. */
export interface LoadedProbe {
  readonly hookMode: HookMode;
  /** Why not the other mode; `undefined` when this one was asked for, or is the better one. */
  readonly hookModeReason: string | undefined;
  /** Calls from now on. In tracepoint mode `control.interest` alone says so. */
  watch(syscalls: Iterable<string>): void;
  readonly library: Libbpf;
  readonly rings: readonly Ring[];
  readonly ringFds: readonly number[];
  /** `struct control`, shared with the kernel. */
  readonly control: DataView;
  /** `struct cpu_counters` of each possible CPU, shared with the kernel. */
  readonly counters: BigUint64Array;
  readonly cpuCount: number;
  readonly losses: LossTable;
  /** File descriptors of the attached programs, by what they hang on. */
  readonly programFds: ReadonlyMap<string, number>;
  close(): void;
}

const BPF_MAP_TYPE_RINGBUF = 27;
const BTF_PATH = '/sys/kernel/btf/vmlinux';
const CAP_SYS_ADMIN = 21n;
const CAP_PERFMON = 38n;
const CAP_BPF = 39n;
/** Lines of the verifier's log that a message shows. */
const SHOWN_LOG_LINES = 12;

/** Why the probe cannot run here, or `undefined`. For tests that skip by name, too. */
export function probeObstacle(): Fault | undefined {
  if (process.platform !== 'linux') return new Fault('probe-platform', 'eBPF needs Linux');
  if (!hasPrivileges())
    return new Fault('probe-privileges', 'loading the eBPF probe needs root, or CAP_BPF and CAP_PERFMON', {
      hint: 'run as root, or read a capture file instead',
    });
  if (!existsSync(BTF_PATH))
    return new Fault('probe-btf', `the kernel does not describe its types: there is no ${BTF_PATH}`, {
      hint: 'use a kernel built with CONFIG_DEBUG_INFO_BTF=y',
    });
  return undefined;
}

function hasPrivileges(): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1] ?? '0';
  const capabilities = BigInt(`0x${effective}`);
  const has = (bit: bigint): boolean => ((capabilities >> bit) & 1n) === 1n;
  return has(CAP_SYS_ADMIN) || (has(CAP_BPF) && has(CAP_PERFMON));
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
  const { hookMode } = options;
  if (hookMode !== 'auto') return loadIn(hookMode, options, undefined);
  let reason: string;
  try {
    return loadIn('fexit', options, undefined);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    [reason = ''] = error.message.split('\n');
  }
  return loadIn('tracepoint', options, reason);
}

function loadIn(mode: HookMode, options: LoaderOptions, reason: string | undefined): LoadedProbe {
  const undo = new Undo();
  try {
    return load(mode, options, reason, undo);
  } catch (error) {
    undo.run();
    throw error;
  }
}

function load(
  hookMode: HookMode,
  options: LoaderOptions,
  hookModeReason: string | undefined,
  undo: Undo,
): LoadedProbe {
  const library = loadLibbpf();
  undo.add(library.release);
  const { bpf, libc } = library;
  const cpuCount = possibleCpuCount();
  const ringCount = Math.ceil(cpuCount / options.cpusPerRing);

  library.clearLog();
  const object = checked(library, bpf.openFile(options.objectPath, null), 'open the probe');
  undo.add(() => bpf.closeObject(object));
  const mapOf = (name: string): Pointer =>
    checked(library, bpf.findMap(object, name), `find the map ${name}`);
  for (const name of ['counters', 'scratches']) bpf.setMaxEntries(mapOf(name), cpuCount);
  bpf.setMaxEntries(mapOf('rings'), ringCount);
  const size: [number] = [0];
  const readOnly = checked(library, bpf.initialValue(mapOf('.rodata.rings'), size), 'configure the probe');
  new Uint32Array(library.view(readOnly, 12)).set([
    Math.log2(options.cpusPerRing),
    options.ringBytes,
    hookMode === 'fexit' ? 1 : 0,
  ]);

  const chosen = chooseHooks(library, hookMode, object);

  const status = bpf.loadObject(object);
  if (status < 0) throw refusal(library, -status);

  const ringFds = Array.from({ length: ringCount }, (_, index) => {
    const fd = bpf.createMap(BPF_MAP_TYPE_RINGBUF, 'peregrine_ring', 0, 0, options.ringBytes, null);
    if (fd < 0) throw new Fault('probe-memory', `cannot make a ring: ${libc.strerror(-fd)}`);
    undo.add(() => libc.close(fd));
    const stored = bpf.updateElement(bpf.mapFd(mapOf('rings')), Uint32Array.of(index), Uint32Array.of(fd), 0);
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
    const mapping = mapMemory(library, { fd: bpf.mapFd(mapOf(name)), length, isWritable });
    undo.add(mapping.unmap);
    return mapping;
  };
  const control = share('.data.control', controlLayout.sizeBytes, true);
  const counters = share('counters', cpuCount * countersLayout.words * 8, false);

  const programFds = new Map<string, number>();
  if (options.countsRunTimes) undo.add(countRunTimes(library));
  const attach = (name: string, hook: string): (() => void) => {
    const program = checked(library, bpf.findProgram(object, name), `find the program ${name}`);
    const link = checked(library, bpf.attach(program), `attach ${name}`);
    programFds.set(hook, bpf.programFd(program));
    return () => {
      programFds.delete(hook);
      bpf.destroyLink(link);
    };
  };
  for (const [name, hook] of Object.entries(chosen.always)) undo.add(attach(name, hook));
  const hooks = new SyscallHooks(chosen.syscalls, attach);
  undo.add(() => hooks.close());
  // The types of the whole kernel were looked at, and the object's text: megabytes that nobody needs any more.
  libc.mallocTrim(0);
  return {
    hookMode,
    hookModeReason,
    watch: (syscalls) => hooks.watch(syscalls),
    library,
    rings,
    ringFds,
    control: new DataView(control.buffer, 0, controlLayout.sizeBytes),
    counters: new BigUint64Array(counters.buffer, 0, cpuCount * countersLayout.words),
    cpuCount,
    losses: new LossTable(library, bpf.mapFd(mapOf('losses'))),
    programFds,
    close: () => undo.run(),
  };
}

function checked(library: Libbpf, pointer: Pointer | null, attempt: string): Pointer {
  if (pointer) return pointer;
  const reason = library.libc.strerror(library.errno());
  const log = lastLines(library.log());
  throw new Fault('probe-load', `cannot ${attempt}: ${reason}${log === '' ? '' : `\n${log}`}`);
}

/** The kernel said no: why, in the verifier's own last words. */
function refusal(library: Libbpf, errno: number): Fault {
  const log = library.log();
  const reason = library.libc.strerror(errno);
  const isDenied = errno === 1 || errno === 13;
  return new Fault('probe-refused', `the kernel refuses the eBPF probe: ${reason}\n${lastLines(log)}`, {
    hint: isDenied
      ? 'a lockdown mode or a security module may forbid tracing programs'
      : 'the kernel may be older than the probe supports, or its type information incomplete',
  });
}

function lastLines(log: string): string {
  return log
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.includes('PROG LOAD LOG'))
    .slice(-SHOWN_LOG_LINES)
    .join('\n');
}
