/**
 * Whether this kernel lets programs in at the ends of its functions, found by trying with the smallest one: a refusal of
 * the real ones would come after all of them were read and fitted to the kernel.
 */

import { entryOf } from './hook-mode.ts';
import type { KernelTypes } from './kernel-types.ts';
import type { Libbpf } from './libbpf.ts';

const BPF_PROG_TYPE_TRACING = 26;
const BPF_TRACE_FEXIT = 25;
/** A call that is seldom made, of every kernel that has containers. */
const CALL = 'setns';

/** `r0 = 0; exit` */
const INSTRUCTIONS = Uint8Array.of(0xb7, 0, 0, 0, 0, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0);
const INSTRUCTION_BYTES = 8;

/** Why it does not; `undefined` when it does. */
export function fexitObstacle({ bpf, libc }: Libbpf, types: KernelTypes): string | undefined {
  const entry = entryOf(CALL);
  const id = types.functions([entry]).get(entry);
  if (id === undefined) return `it describes no function ${entry}`;
  const count = INSTRUCTIONS.length / INSTRUCTION_BYTES;
  const options = loadOptions(BPF_TRACE_FEXIT, id);
  const program = bpf.loadProgram(
    BPF_PROG_TYPE_TRACING,
    'peregrine_trial',
    'GPL',
    INSTRUCTIONS,
    count,
    options,
  );
  if (program < 0) return libc.strerror(-program);
  // Loading is not all: the function's code must be one that can be changed.
  const link = bpf.attachTracing(null, program);
  libc.close(program);
  if (link < 0) return libc.strerror(-link);
  libc.close(link);
  return undefined;
}

/** `struct bpf_prog_load_opts` up to the function that a program is for. */
function loadOptions(attachType: number, functionId: number): Uint8Array {
  const bytes = new Uint8Array(40);
  const options = new DataView(bytes.buffer);
  options.setBigUint64(0, BigInt(bytes.length), true);
  options.setUint32(12, attachType, true);
  options.setUint32(32, functionId, true);
  return bytes;
}
