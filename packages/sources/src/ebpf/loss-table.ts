/**
 * The probe's table of losses by cgroup and event code, read now and then. The kernel gives the least recently used
 * entries up when it is full, so what was read is kept as differences: a count that went back began anew.
 */

import { Fault } from '@peregrine/base';
import type { Libbpf } from './libbpf.ts';
import { lossTable } from './probe-layout.ts';

/** Records of one cgroup and event code that were lost since the last look. */
export interface CgroupLoss {
  /** As `cgroup-key.ts` reads it. */
  readonly cgroup: bigint;
  readonly code: number;
  /** The ring was full. */
  readonly dropped: number;
  /** The cgroup held more than its share of a ring. */
  readonly limited: number;
}

interface Seen {
  readonly dropped: bigint;
  readonly limited: bigint;
}

const ENOENT = 2;
const ENOSPC = 28;
const CODE_BITS = 16n;

export class LossTable {
  readonly #library: Libbpf;
  readonly #fd: number;
  /** Made at the first look: most sensors never lose anything. */
  #keys: BigUint64Array | undefined;
  #values: BigUint64Array | undefined;
  #seen = new Map<bigint, Seen>();

  constructor(library: Libbpf, fd: number) {
    this.#library = library;
    this.#fd = fd;
  }

  /** Differences to the last look, those of zero left out. */
  take(): readonly CgroupLoss[] {
    const { entries, keyWords, valueWords } = lossTable;
    this.#keys ??= new BigUint64Array(entries * keyWords);
    this.#values ??= new BigUint64Array(entries * valueWords);
    const found: CgroupLoss[] = [];
    const seen = new Map<bigint, Seen>();
    for (let position: Uint32Array | null = null, isLast = false; !isLast; ) {
      const next = new Uint32Array(2);
      const count = Uint32Array.of(entries);
      const status = this.#library.bpf.lookupBatch(
        this.#fd,
        position,
        next,
        this.#keys,
        this.#values,
        count,
        null,
      );
      if (status < 0 && status !== -ENOENT && status !== -ENOSPC)
        throw new Fault('probe-memory', `cannot read losses: ${this.#library.libc.strerror(-status)}`);
      isLast = status < 0;
      position = next;
      for (let i = 0; i < (count[0] ?? 0); i++) this.#add(i, found, seen);
    }
    this.#seen = seen;
    return found;
  }

  #add(index: number, found: CgroupLoss[], seen: Map<bigint, Seen>): void {
    const { keyWords, valueWords } = lossTable;
    const cgroup = this.#keys?.[index * keyWords] ?? 0n;
    const code = this.#keys?.[index * keyWords + 1] ?? 0n;
    const now: Seen = {
      dropped: this.#values?.[index * valueWords] ?? 0n,
      limited: this.#values?.[index * valueWords + 1] ?? 0n,
    };
    const key = (cgroup << CODE_BITS) | code;
    seen.set(key, now);
    const before = this.#seen.get(key);
    const dropped = Number(difference(now.dropped, before?.dropped));
    const limited = Number(difference(now.limited, before?.limited));
    if (dropped > 0 || limited > 0) found.push({ cgroup, code: Number(code), dropped, limited });
  }
}

/** The kernel gave the entry up meanwhile when the count is lower than before. */
function difference(now: bigint, before = 0n): bigint {
  return now >= before ? now - before : now;
}
