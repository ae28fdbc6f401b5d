/** The offset between the kernel's boot clock, which stamps events, and the time of day. */

import type { LibcCalls } from './libbpf.ts';

const CLOCK_REALTIME = 0;
const CLOCK_BOOTTIME = 7;
const NANOSECONDS_PER_SECOND = 1_000_000_000n;
const SAMPLES = 5;
/** Smallest step of the wall clock that is followed, nanoseconds. */
const STEP_NS = 1_000_000n;

export class BootClock {
  readonly #libc: Pick<LibcCalls, 'clockGettime'>;
  readonly #time = new BigInt64Array(2);
  /** Nanoseconds to add to boot time. */
  offsetNs: bigint;

  constructor(libc: Pick<LibcCalls, 'clockGettime'>) {
    this.#libc = libc;
    this.offsetNs = this.#measure();
  }

  #read(clock: number): bigint {
    this.#libc.clockGettime(clock, this.#time);
    return (this.#time[0] ?? 0n) * NANOSECONDS_PER_SECOND + (this.#time[1] ?? 0n);
  }

  bootNs(): bigint {
    return this.#read(CLOCK_BOOTTIME);
  }

  /** The sample with the shortest gap around it is the least disturbed. */
  #measure(): bigint {
    let best = 0n;
    let shortest: bigint | undefined;
    for (let i = 0; i < SAMPLES; i++) {
      const before = this.#read(CLOCK_BOOTTIME);
      const wall = this.#read(CLOCK_REALTIME);
      const gap = this.#read(CLOCK_BOOTTIME) - before;
      if (shortest !== undefined && gap >= shortest) continue;
      shortest = gap;
      best = wall - before - gap / 2n;
    }
    return best;
  }

  /** Measures again. True when the wall clock has stepped, and `offsetNs` with it. */
  correct(): boolean {
    const measured = this.#measure();
    const change = measured - this.offsetNs;
    if (change < STEP_NS && change > -STEP_NS) return false;
    this.offsetNs = measured;
    return true;
  }
}
