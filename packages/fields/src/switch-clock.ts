/** How long threads run, by the context switches that a rule sees. One clock for each use of a field. */

import { codeOfWireName } from '@peregrine/events';
import type { EventContext, Thread } from '@peregrine/state';

const WORD = 4_294_967_296;
const switchCodes: ReadonlySet<number | undefined> = new Set([
  codeOfWireName('PPME_SCHEDSWITCH_1_E'),
  codeOfWireName('PPME_SCHEDSWITCH_6_E'),
]);

export class SwitchClock {
  /** Time of the latest switch of each processor, in words: low, high. */
  #latest = new Map<number, { low: number; high: number }>();
  readonly #totals = new WeakMap<Thread, number>();

  /** Nanoseconds since the processor's previous switch; 0 when this is no switch, or the first one. */
  sliceOf(event: EventContext): number | undefined {
    if (event.thread === undefined) return undefined;
    if (!switchCodes.has(event.view.code)) return 0;
    const low = event.view.timestampLow();
    const high = event.view.timestampHigh();
    const latest = this.#latest.get(event.view.cpu);
    if (latest === undefined) {
      this.#latest.set(event.view.cpu, { low, high });
      return 0;
    }
    const slice = (high - latest.high) * WORD + (low - latest.low);
    latest.low = low;
    latest.high = high;
    return slice;
  }

  /** Sum of the thread's slices. */
  totalOf(event: EventContext): number | undefined {
    const slice = this.sliceOf(event);
    if (slice === undefined || event.thread === undefined) return undefined;
    const total = (this.#totals.get(event.thread) ?? 0) + slice;
    if (slice !== 0) this.#totals.set(event.thread, total);
    return total;
  }
}
