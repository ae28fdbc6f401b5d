/**
 * How the probe gets into the kernel. `fexit`: a program at the end of each wanted call, so that other calls cost
 * nothing; not every kernel lets those in. `tracepoint`: one program that sees the end of every call. Calls of 32-bit
 * programs come by the tracepoint in either mode, where the kernel has them.
 */

import type { Libbpf, Pointer } from './libbpf.ts';
import { genericSyscalls, rareSyscalls, usualSyscalls } from './syscall-coverage.ts';

export type HookMode = 'fexit' | 'tracepoint';
/** `auto`: fexit where the kernel takes it, else tracepoint. */
export type AskedHookMode = HookMode | 'auto';

/** Programs that are always attached in a mode, and the kernel's names for what they hang on. */
export function programsOf(mode: HookMode): Readonly<Record<string, string>> {
  return {
    ...(mode === 'tracepoint' ? { [tracepointProgram]: 'sys_exit' } : {}),
    peregrine_exec: 'sched_process_exec',
    peregrine_fork: 'sched_process_fork',
    peregrine_exit: 'sched_process_exit',
  };
}

const tracepointProgram = 'peregrine_sys_exit';
const rareProgram = 'peregrine_rare';
const genericProgram = 'peregrine_generic';
const singleCalls: readonly string[] = [...usualSyscalls, ...rareSyscalls];

const BTF_KIND_FUNC = 12;
/** Calls whose function in the kernel is named otherwise. */
const entryNames: Readonly<Record<string, string>> = {
  umount2: 'umount',
  sendfile: 'sendfile64',
  stat: 'newstat',
  lstat: 'newlstat',
  fstat: 'newfstat',
};
const entryPrefixes: Readonly<Record<string, string>> = { x64: '__x64_sys_' };

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

/**
 * Leaves out the programs that the mode has no use for, before the object is loaded. Gives those that come and go with
 * the calls that are wanted; in fexit mode without calls that this kernel does not have.
 */
export function chooseHooks({ bpf }: Libbpf, mode: HookMode, object: Pointer): readonly SyscallHook[] {
  const leaveOut = (name: string): void => {
    const program = bpf.findProgram(object, name);
    if (program) bpf.setAutoload(program, false);
  };
  const generic = { program: genericProgram, hook: 'sys_exit', calls: genericSyscalls };
  if (mode === 'tracepoint') {
    for (const syscall of singleCalls) leaveOut(fexitProgram(syscall));
    return [{ program: rareProgram, hook: 'sys_exit', calls: rareSyscalls }, generic];
  }
  leaveOut(rareProgram);
  const types = bpf.loadKernelTypes();
  if (!types) return [generic];
  const isThere = (name: string): boolean => bpf.findType(types, name, BTF_KIND_FUNC) > 0;
  const hooked = singleCalls.filter((syscall) => isThere(entryOf(syscall)));
  const hasCompat = isThere(COMPAT_ENTRY);
  bpf.freeTypes(types);
  for (const syscall of singleCalls) if (!hooked.includes(syscall)) leaveOut(fexitProgram(syscall));
  if (!hasCompat) leaveOut(tracepointProgram);
  return [
    ...hooked.map((call) => ({ program: fexitProgram(call), hook: entryOf(call), calls: [call] })),
    ...(hasCompat ? [{ program: tracepointProgram, hook: 'sys_exit', calls: usualSyscalls }] : []),
    generic,
  ];
}

/** Attaches programs as their calls are wanted, and takes them off when none of them is any more. */
export class SyscallHooks {
  readonly #hooks: readonly SyscallHook[];
  readonly #attach: (program: string, hook: string) => () => void;
  readonly #detachByProgram = new Map<string, () => void>();

  /** `attach` gives what undoes it. */
  constructor(hooks: readonly SyscallHook[], attach: (program: string, hook: string) => () => void) {
    this.#hooks = hooks;
    this.#attach = attach;
  }

  /** Throws what `attach` throws; what was attached before stays then. */
  watch(syscalls: Iterable<string>): void {
    const wanted = new Set(syscalls);
    const needed = this.#hooks.filter(({ calls }) => calls.some((call) => wanted.has(call)));
    for (const { program, hook } of needed)
      if (!this.#detachByProgram.has(program))
        this.#detachByProgram.set(program, this.#attach(program, hook));
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
