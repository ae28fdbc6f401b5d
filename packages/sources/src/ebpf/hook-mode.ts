/**
 * How the probe gets into the kernel. `fexit`: a program at the end of each wanted call, so that other calls cost
 * nothing; not every kernel lets those in. `tracepoint`: one program that sees the end of every call. Calls of 32-bit
 * programs come by the tracepoint in either mode, where the kernel has them.
 */

import type { KernelTypes } from './kernel-types.ts';
import { genericSyscalls, momentNames, rareSyscalls, usualSyscalls } from './syscall-coverage.ts';

export type HookMode = 'fexit' | 'tracepoint';
/** `auto`: fexit where the kernel takes it, else tracepoint. */
export type AskedHookMode = HookMode | 'auto';

const tracepointProgram = 'peregrine_sys_exit';
const rareProgram = 'peregrine_rare';
const genericProgram = 'peregrine_generic';
const singleCalls: readonly string[] = [...usualSyscalls, ...rareSyscalls];

/** Calls whose function in the kernel is named otherwise. */
const entryNames: Readonly<Record<string, string>> = {
  umount2: 'umount',
  sendfile: 'sendfile64',
  stat: 'newstat',
  lstat: 'newlstat',
  fstat: 'newfstat',
};
const entryPrefixes: Readonly<Record<string, string>> = { x64: '__x64_sys_', arm64: '__arm64_sys_' };

/** A kernel that runs 32-bit programs has it. */
const COMPAT_ENTRY = '__ia32_sys_openat';

export function fexitProgram(syscall: string): string {
  return `fexit_${syscall}`;
}

/** The kernel's function for a call of the machine's own table. */
export function entryOf(syscall: string): string {
  return `${entryPrefixes[process.arch] ?? ''}${entryNames[syscall] ?? syscall}`;
}

/** A program that is attached while one of its calls is wanted. */
export interface SyscallHook {
  readonly program: string;
  /** The kernel's name for what it hangs on. */
  readonly hook: string;
  readonly calls: readonly string[];
}

/** Programs for an object: those that are always attached, and those that come and go with the calls that are wanted. */
export interface ChosenHooks {
  /** Programs, and the kernel's names for what they hang on. */
  readonly always: Readonly<Record<string, string>>;
  readonly syscalls: readonly SyscallHook[];
}

const processPrograms = {
  peregrine_exec: 'sched_process_exec',
  peregrine_fork: 'sched_process_fork',
  peregrine_exit: 'sched_process_exit',
};
const ringPrograms = {
  peregrine_uring_submit: 'io_uring_submit_req',
  peregrine_uring_complete: 'io_uring_complete',
};

/** Programs for this kernel, which may lack calls and tracepoints. */
export function chooseHooks(types: KernelTypes, mode: HookMode): ChosenHooks {
  const rings = types.tracepointArguments(Object.values(ringPrograms));
  const hasRings = rings.get('io_uring_submit_req') === 1 && rings.get('io_uring_complete') === 3;
  const always = { ...processPrograms, ...(hasRings ? ringPrograms : {}) };
  const syscalls = mode === 'fexit' ? fexitHooks(types) : [usualHook, rareHook];
  return { always, syscalls: [...syscalls, genericHook, ...momentHooks(types)] };
}

const genericHook: SyscallHook = { program: genericProgram, hook: 'sys_exit', calls: genericSyscalls };
const usualHook: SyscallHook = { program: tracepointProgram, hook: 'sys_exit', calls: usualSyscalls };
const rareHook: SyscallHook = { program: rareProgram, hook: 'sys_exit', calls: rareSyscalls };

const momentPrograms: Readonly<Record<string, string>> = {
  sched_switch: 'peregrine_switch',
  signal_deliver: 'peregrine_signal',
  page_fault_user: 'peregrine_fault_user',
  page_fault_kernel: 'peregrine_fault_kernel',
};

/** Without moments that this kernel does not tell of. */
function momentHooks(types: KernelTypes): readonly SyscallHook[] {
  const told = types.tracepointArguments(momentNames);
  return momentNames
    .filter((name) => told.has(name))
    .map((name) => ({ program: momentPrograms[name] ?? '', hook: name, calls: [name] }));
}

/** Without calls that this kernel does not have. */
function fexitHooks(types: KernelTypes): readonly SyscallHook[] {
  const functions = types.functions([...singleCalls.map(entryOf), COMPAT_ENTRY]);
  const hooks = singleCalls
    .filter((call) => functions.has(entryOf(call)))
    .map((call) => ({ program: fexitProgram(call), hook: entryOf(call), calls: [call] }));
  return functions.has(COMPAT_ENTRY) ? [...hooks, usualHook, rareHook] : hooks;
}

/** What is done with programs. */
export interface HookPort {
  /** Brings them into the kernel if they are not there. */
  readonly load: (programs: readonly string[]) => void;
  /** Gives what undoes it. */
  readonly attach: (program: string, hook: string) => () => void;
}

/** Loads and attaches programs as their calls are wanted, and takes them off when none of them is any more. */
export class SyscallHooks {
  readonly #hooks: readonly SyscallHook[];
  readonly #port: HookPort;
  readonly #detachByProgram = new Map<string, () => void>();

  constructor(hooks: readonly SyscallHook[], port: HookPort) {
    this.#hooks = hooks;
    this.#port = port;
  }

  /** Throws what the port throws; what was attached before stays then. */
  watch(syscalls: Iterable<string>): void {
    const needed = hooksFor(this.#hooks, syscalls);
    this.#port.load(needed.map(({ program }) => program));
    for (const { program, hook } of needed)
      if (!this.#detachByProgram.has(program))
        this.#detachByProgram.set(program, this.#port.attach(program, hook));
    const kept = new Set(needed.map(({ program }) => program));
    for (const [program, detach] of this.#detachByProgram) {
      if (kept.has(program)) continue;
      this.#detachByProgram.delete(program);
      detach();
    }
  }

  close(): void {
    this.watch([]);
  }
}

/** Those that have one of the calls. */
export function hooksFor(hooks: readonly SyscallHook[], syscalls: Iterable<string>): readonly SyscallHook[] {
  const wanted = new Set(syscalls);
  return hooks.filter(({ calls }) => calls.some((call) => wanted.has(call)));
}
