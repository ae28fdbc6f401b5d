/**
 * How the probe gets into the kernel. `fexit`: a program at the end of each wanted call, so that other calls cost
 * nothing; not every kernel lets those in. `tracepoint`: one program that sees the end of every call.
 */

import type { Libbpf, Pointer } from './libbpf.ts';
import { coveredSyscalls } from './syscall-coverage.ts';

export type HookMode = 'fexit' | 'tracepoint';
/** `auto`: fexit where the kernel takes it, else tracepoint. */
export type AskedHookMode = HookMode | 'auto';

const tracepointProgram = 'peregrine_sys_exit';

/** Programs that are always attached in a mode, and the kernel's names for what they hang on. */
export function programsOf(mode: HookMode): Readonly<Record<string, string>> {
  return {
    ...(mode === 'tracepoint' ? { [tracepointProgram]: 'sys_exit' } : {}),
    peregrine_exec: 'sched_process_exec',
    peregrine_fork: 'sched_process_fork',
    peregrine_exit: 'sched_process_exit',
  };
}

const BTF_KIND_FUNC = 12;
/** Calls whose function in the kernel is named otherwise. */
const entryNames: Readonly<Record<string, string>> = { umount2: 'umount' };
const entryPrefixes: Readonly<Record<string, string>> = { x64: '__x64_sys_' };

export function fexitProgram(syscall: string): string {
  return `fexit_${syscall}`;
}

/** The kernel's function for a call of the machine's own table. */
export function entryOf(syscall: string): string {
  return `${entryPrefixes[process.arch] ?? ''}${entryNames[syscall] ?? syscall}`;
}

/**
 * Leaves out the programs that the mode has no use for, before the object is loaded. Gives the calls that have a program
 * of their own: none in tracepoint mode; in fexit mode those that this kernel has.
 */
export function choosePrograms({ bpf }: Libbpf, mode: HookMode, object: Pointer): readonly string[] {
  const leaveOut = (name: string): void => {
    const program = bpf.findProgram(object, name);
    if (program) bpf.setAutoload(program, false);
  };
  if (mode === 'tracepoint') {
    for (const syscall of coveredSyscalls) leaveOut(fexitProgram(syscall));
    return [];
  }
  leaveOut(tracepointProgram);
  const types = bpf.loadKernelTypes();
  if (!types) return [];
  const isThere = (syscall: string): boolean => bpf.findType(types, entryOf(syscall), BTF_KIND_FUNC) > 0;
  const hooked = coveredSyscalls.filter(isThere);
  bpf.freeTypes(types);
  for (const syscall of coveredSyscalls) if (!hooked.includes(syscall)) leaveOut(fexitProgram(syscall));
  return hooked;
}

/** Attaches programs of calls as they are wanted, and takes them off when they no longer are. */
export class SyscallHooks {
  readonly #hooked: ReadonlySet<string>;
  readonly #attach: (program: string, hook: string) => () => void;
  readonly #detachByCall = new Map<string, () => void>();

  /** `hooked`: the calls that have a program. `attach` gives what undoes it. */
  constructor(hooked: Iterable<string>, attach: (program: string, hook: string) => () => void) {
    this.#hooked = new Set(hooked);
    this.#attach = attach;
  }

  /** Throws what `attach` throws; what was attached before stays then. */
  watch(syscalls: Iterable<string>): void {
    const wanted = new Set(syscalls);
    for (const call of wanted)
      if (this.#hooked.has(call) && !this.#detachByCall.has(call))
        this.#detachByCall.set(call, this.#attach(fexitProgram(call), entryOf(call)));
    for (const [call, detach] of this.#detachByCall) {
      if (wanted.has(call)) continue;
      this.#detachByCall.delete(call);
      detach();
    }
  }

  close(): void {
    this.watch([]);
  }
}
