/** What the probe counts for each CPU, summed up. Events tried = emitted + dropped + limited, CPU by CPU. */

import { countersLayout, EVENT_TABLE_SIZE } from './probe-layout.ts';

/** Counts of one CPU since the start. */
export interface CpuCounts {
  readonly tried: number;
  readonly emitted: number;
  /** Lost, whatever the reason. */
  readonly lost: number;
}

export interface ProbeCounts {
  /** Records that the probe tried to write, lost ones included. */
  readonly recordCount: number;
  /** Records that are, or were, in a ring. */
  readonly emittedCount: number;
  /** Calls that were left out, since no rule can need them. */
  readonly filteredCount: number;
  readonly failedReadCount: number;
  /** Records given up since their CPU's buffer was in use: among the dropped. */
  readonly busyCount: number;
  /** Losses that the kernel could not put down to a cgroup. */
  readonly unattributedCount: number;
  /** Records that found their ring full, by event code: only codes that lost some. */
  readonly droppedByCode: ReadonlyMap<number, number>;
  /** Records of cgroups that held more than their share of a ring, by event code. */
  readonly limitedByCode: ReadonlyMap<number, number>;
  /** By number; CPUs that never had an event are there, too. */
  readonly byCpu: readonly CpuCounts[];
}

const { words } = countersLayout;

export class ProbeCounters {
  readonly #memory: BigUint64Array;
  readonly #cpuCount: number;
  /** Losses when the tables below were made. Reading the large tables is left out while there are no new ones. */
  #knownLost = 0;
  #dropped: ReadonlyMap<number, number> = new Map();
  #limited: ReadonlyMap<number, number> = new Map();

  constructor(memory: BigUint64Array, cpuCount: number) {
    this.#memory = memory;
    this.#cpuCount = cpuCount;
  }

  #sum(word: number): number {
    let sum = 0;
    for (let cpu = 0; cpu < this.#cpuCount; cpu++) sum += this.#read(cpu, word);
    return sum;
  }

  #read(cpu: number, word: number): number {
    return Number(this.#memory[cpu * words + word] ?? 0n);
  }

  #byCode(table: number): ReadonlyMap<number, number> {
    const found = new Map<number, number>();
    for (let code = 0; code < EVENT_TABLE_SIZE; code++) {
      const count = this.#sum(table + code);
      if (count > 0) found.set(code, count);
    }
    return found;
  }

  /** Events lost so far, or just being written. Cheap. */
  lost(): number {
    return this.#sum(countersLayout.sequence) - this.#sum(countersLayout.emitted);
  }

  read(): ProbeCounts {
    if (this.lost() !== this.#knownLost) {
      this.#dropped = this.#byCode(countersLayout.dropped);
      this.#limited = this.#byCode(countersLayout.limited);
      this.#knownLost = totalOf(this.#dropped) + totalOf(this.#limited);
    }
    const byCpu = Array.from({ length: this.#cpuCount }, (_, cpu): CpuCounts => {
      const tried = this.#read(cpu, countersLayout.sequence);
      const emitted = this.#read(cpu, countersLayout.emitted);
      return { tried, emitted, lost: tried - emitted };
    });
    return {
      recordCount: byCpu.reduce((sum, { tried }) => sum + tried, 0),
      emittedCount: byCpu.reduce((sum, { emitted }) => sum + emitted, 0),
      filteredCount: this.#sum(countersLayout.filtered),
      failedReadCount: this.#sum(countersLayout.failedReads),
      busyCount: this.#sum(countersLayout.scratchBusy),
      unattributedCount: this.#sum(countersLayout.unattributed),
      droppedByCode: this.#dropped,
      limitedByCode: this.#limited,
      byCpu,
    };
  }
}

export function totalOf(counts: ReadonlyMap<number, number>): number {
  let sum = 0;
  for (const count of counts.values()) sum += count;
  return sum;
}
