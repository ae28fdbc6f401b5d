/**
 * This process's id as events have it: that of the machine's own pid namespace. In a container `process.pid` is
 * another one, which some other process of the machine has as well.
 */

import { readlinkSync } from 'node:fs';
import type { Libbpf } from './libbpf.ts';

const BPF_PROG_TYPE_RAW_TRACEPOINT = 17;

/** `r0 = bpf_get_current_pid_tgid(); r0 >>= 32; exit` */
const INSTRUCTIONS = Uint8Array.of(
  ...[0x85, 0, 0, 0, 14, 0, 0, 0],
  ...[0x77, 0, 0, 0, 32, 0, 0, 0],
  ...[0x95, 0, 0, 0, 0, 0, 0, 0],
);
const INSTRUCTION_BYTES = 8;

/** `struct bpf_test_run_opts`. */
const OPTIONS_BYTES = 80;
const RESULT_OFFSET = 56;

/** Asked of the kernel: a program that answers with the id of whoever has it run. */
export function ownPid(library: Libbpf): number {
  // Kernels before 5.10 do not run it; the file system's word is right wherever it is the machine's own.
  return askKernel(library) ?? pidIn('/proc') ?? process.pid;
}

function askKernel({ bpf, libc }: Libbpf): number | undefined {
  const count = INSTRUCTIONS.length / INSTRUCTION_BYTES;
  const program = bpf.loadProgram(
    BPF_PROG_TYPE_RAW_TRACEPOINT,
    'peregrine_pid',
    'GPL',
    INSTRUCTIONS,
    count,
    null,
  );
  if (program < 0) return undefined;
  const options = new DataView(new ArrayBuffer(OPTIONS_BYTES));
  options.setBigUint64(0, BigInt(OPTIONS_BYTES), true);
  const status = bpf.testRun(program, new Uint8Array(options.buffer));
  libc.close(program);
  return status === 0 ? options.getUint32(RESULT_OFFSET, true) : undefined;
}

/** This process's id in the namespace that a mounted /proc is of; `undefined` where it has none there. */
function pidIn(procRoot: string): number | undefined {
  try {
    return Number(readlinkSync(`${procRoot}/self`));
  } catch {
    return undefined;
  }
}

/**
 * The mounted /proc whose ids are those of events; `undefined` when there is none. `hostRoot`: where the host's files
 * are seen, `''` for where they are.
 */
export function findProcRoot(hostRoot: string, pid: number): string | undefined {
  return ['/proc', `${hostRoot}/proc`].find((path) => pidIn(path) === pid);
}
