/** What the running kernel says of its own functions and tracepoints. */

import type { Libbpf, Pointer } from './libbpf.ts';

const BTF_KIND_TYPEDEF = 8;
const BTF_KIND_FUNC = 12;
const TYPE_BYTES = 12;
const COUNT_MASK = 0xffff;

export class KernelTypes {
  readonly #library: Libbpf;
  /** `undefined` when the kernel's types cannot be read: nothing is known of it then. */
  readonly #types: Pointer | undefined;

  constructor(library: Libbpf) {
    this.#library = library;
    this.#types = library.bpf.loadKernelTypes() ?? undefined;
  }

  hasFunction(name: string): boolean {
    return this.#types !== undefined && this.#library.bpf.findType(this.#types, name, BTF_KIND_FUNC) > 0;
  }

  /** How many arguments a tracepoint hands to programs; `undefined` when there is no such tracepoint. */
  tracepointArguments(name: string): number | undefined {
    const types = this.#types;
    if (types === undefined) return undefined;
    const typedef = this.#library.bpf.findType(types, `btf_trace_${name}`, BTF_KIND_TYPEDEF);
    const pointer = typedef > 0 ? this.#wordsOf(typedef)?.[2] : undefined;
    const prototype = pointer === undefined ? undefined : this.#wordsOf(pointer)?.[2];
    const info = prototype === undefined ? undefined : this.#wordsOf(prototype)?.[1];
    // The first is the kernel's own.
    return info === undefined ? undefined : (info & COUNT_MASK) - 1;
  }

  #wordsOf(id: number): Uint32Array | undefined {
    const { bpf, view } = this.#library;
    const type = this.#types === undefined ? null : bpf.typeById(this.#types, id);
    return type ? new Uint32Array(view(type, TYPE_BYTES).slice(0)) : undefined;
  }

  close(): void {
    if (this.#types !== undefined) this.#library.bpf.freeTypes(this.#types);
  }
}
