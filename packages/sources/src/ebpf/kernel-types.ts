/**
 * What the running kernel says of its own functions and tracepoints, read from its type information (BTF). libbpf could
 * tell, too, but builds tables of everything first; here one walk over the types answers many questions.
 */

import { readFileSync } from 'node:fs';

export const KERNEL_TYPES_PATH = '/sys/kernel/btf/vmlinux';

const MAGIC = 0xeb9f;
const TYPE_BYTES = 12;
const KIND = { func: 12, typedef: 8 } as const;

/** Bytes that follow a type of each kind, and bytes for each of its members. */
const EXTRA_BYTES: readonly (readonly [fixed: number, each: number])[] = [
  [0, 0], // none
  [4, 0], // integer
  [0, 0], // pointer
  [12, 0], // array
  [0, 12], // structure
  [0, 12], // union
  [0, 8], // enumeration
  [0, 0], // forward
  [0, 0], // typedef
  [0, 0], // volatile
  [0, 0], // const
  [0, 0], // restrict
  [0, 0], // function
  [0, 8], // prototype
  [4, 0], // variable
  [0, 12], // section
  [0, 0], // float
  [4, 0], // declaration tag
  [0, 0], // type tag
  [0, 12], // 64-bit enumeration
];

interface FoundType {
  readonly id: number;
  /** Where it is described. */
  readonly at: number;
}

export class KernelTypes {
  readonly #data: DataView;
  readonly #bytes: Buffer;
  readonly #typesAt: number;
  readonly #typesEnd: number;
  readonly #namesAt: number;

  /** `bytes`: type information in the machine's byte order. Of what is no such thing, nothing is known. */
  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#data = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const isKnown = bytes.length >= 24 && this.#data.getUint16(0, true) === MAGIC;
    const word = (at: number): number => (isKnown ? this.#data.getUint32(at, true) : 0);
    const start = word(4);
    this.#typesAt = start + word(8);
    this.#typesEnd = Math.min(this.#typesAt + word(12), bytes.length);
    this.#namesAt = start + word(16);
  }

  /** Ids of those of the functions that the kernel has. */
  functions(names: Iterable<string>): ReadonlyMap<string, number> {
    const found = this.#find(names, KIND.func);
    return new Map([...found].map(([name, { id }]) => [name, id]));
  }

  /** How many arguments each of the tracepoints hands to programs; without those that the kernel does not have. */
  tracepointArguments(names: readonly string[]): ReadonlyMap<string, number> {
    const typedefs = this.#find(
      names.map((name) => `btf_trace_${name}`),
      KIND.typedef,
    );
    const counts = new Map<string, number>();
    for (const name of names) {
      const typedef = typedefs.get(`btf_trace_${name}`);
      const pointer = typedef && this.#typeAt(this.#word(typedef.at + 8));
      const prototype = pointer && this.#typeAt(this.#word(pointer + 8));
      // The first is the kernel's own.
      if (prototype) counts.set(name, (this.#word(prototype + 4) & 0xffff) - 1);
    }
    return counts;
  }

  #find(names: Iterable<string>, kind: number): ReadonlyMap<string, FoundType> {
    const wanted = new Set(names);
    const prefix = Buffer.from(commonPrefix([...wanted]), 'latin1');
    const found = new Map<string, FoundType>();
    this.#walk((id, at) => {
      if (this.#kindAt(at) !== kind) return true;
      const nameAt = this.#namesAt + this.#word(at);
      // Few names are worth making a text of.
      if (nameAt + prefix.length > this.#bytes.length) return true;
      if (this.#bytes.compare(prefix, 0, prefix.length, nameAt, nameAt + prefix.length) !== 0) return true;
      const name = this.#bytes.toString('latin1', nameAt, this.#bytes.indexOf(0, nameAt));
      if (wanted.has(name)) found.set(name, { id, at });
      return found.size < wanted.size;
    });
    return found;
  }

  #typeAt(wanted: number): number | undefined {
    let result: number | undefined;
    this.#walk((id, at) => {
      if (id === wanted) result = at;
      return id < wanted;
    });
    return result;
  }

  /** Calls `visit` for each type until it says no, or there is something that we know nothing of. */
  #walk(visit: (id: number, at: number) => boolean): void {
    let id = 1;
    for (let at = this.#typesAt; at + TYPE_BYTES <= this.#typesEnd; id++) {
      if (!visit(id, at)) return;
      const extra = EXTRA_BYTES[this.#kindAt(at)];
      if (extra === undefined) return;
      at += TYPE_BYTES + extra[0] + extra[1] * (this.#word(at + 4) & 0xffff);
    }
  }

  #kindAt(at: number): number {
    return (this.#word(at + 4) >>> 24) & 0x1f;
  }

  #word(at: number): number {
    return this.#data.getUint32(at, true);
  }
}

function commonPrefix(names: readonly string[]): string {
  const [first = '', ...others] = names;
  let length = first.length;
  for (const name of others) while (!name.startsWith(first.slice(0, length))) length--;
  return first.slice(0, length);
}

/** Those of this machine. */
export function readKernelTypes(): KernelTypes {
  return new KernelTypes(readFileSync(KERNEL_TYPES_PATH));
}
