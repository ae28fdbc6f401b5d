/**
 * The latest events, and the tables as they were before the first of them: what a recording that an alert starts tells
 * of the time before. Two segments take turns: when the newer one is full or old enough, the older one is forgotten and
 * a new one begins with the tables of that moment. HOT: `take` copies an event and allocates nothing else.
 */

import { BlockBuffer, type EventView } from '@peregrine/events';

export interface EventWindowOptions {
  /** At least so much is kept, milliseconds of event time, unless it takes more than `maxBytes`. */
  readonly beforeMs: number;
  /** Of both segments, their tables included. */
  readonly maxBytes: number;
  /** The tables as they are, as blocks of a capture. */
  readonly head: () => Uint8Array;
  /** Milliseconds on a clock that only goes forward. */
  readonly now: () => number;
}

/** Encoding the tables may take one part in so many of the time. */
const HEAD_SHARE = 100;

class Segment {
  readonly blocks: BlockBuffer;
  head: Uint8Array = new Uint8Array(0);
  /** Time of its first event, nanoseconds; exact enough to measure spans. */
  startNs = 0;

  constructor(capacityBytes: number) {
    this.blocks = new BlockBuffer(capacityBytes);
  }
}

/** What a recording begins with. */
export interface Window {
  /** In this order: tables, then events. */
  readonly pieces: readonly { readonly bytes: Uint8Array; readonly eventCount: number }[];
  readonly eventCount: number;
  readonly startNs: number;
}

export class EventWindow {
  readonly #options: EventWindowOptions;
  readonly #segmentBytes: number;
  #newer: Segment;
  #older: Segment;
  #state: 'empty' | 'one' | 'two' = 'empty';
  #nextHeadMs = 0;
  /** The tables alone are too large for what may be kept. */
  isTooSmall = false;

  constructor(options: EventWindowOptions) {
    this.#options = options;
    this.#segmentBytes = Math.floor(options.maxBytes / 2);
    this.#newer = new Segment(this.#segmentBytes);
    this.#older = new Segment(this.#segmentBytes);
  }

  /** Takes the event in. Call it before the event changes the tables. */
  take(view: EventView): void {
    const nowNs = view.timestampApproxNs();
    const isYoung = this.#state !== 'empty' && nowNs - this.#newer.startNs < this.#options.beforeMs * 1e6;
    if (isYoung && this.#append(view)) return;
    const nowMs = this.#options.now();
    if (nowMs >= this.#nextHeadMs) this.#begin(nowNs, nowMs);
    // Too early for another segment: the present one goes on while it has room.
    if (this.#state !== 'empty' && !this.#append(view)) this.clear();
  }

  #append(view: EventView): boolean {
    const { head, blocks } = this.#newer;
    return head.length + blocks.size < this.#segmentBytes && blocks.append(view, 0);
  }

  #begin(nowNs: number, nowMs: number): void {
    const segment = this.#older;
    segment.head = this.#options.head();
    segment.blocks.clear();
    segment.startNs = nowNs;
    this.#nextHeadMs = nowMs + (this.#options.now() - nowMs) * HEAD_SHARE;
    this.isTooSmall = segment.head.length * 2 > this.#segmentBytes;
    if (this.isTooSmall) {
      this.clear();
      return;
    }
    this.#older = this.#newer;
    this.#newer = segment;
    this.#state = this.#state === 'empty' ? 'one' : 'two';
  }

  clear(): void {
    this.#state = 'empty';
    for (const segment of [this.#newer, this.#older]) {
      segment.blocks.clear();
      segment.head = new Uint8Array(0);
    }
  }

  /** What is kept, good until the next event; `undefined` when there is nothing. */
  contents(): Window | undefined {
    if (this.#state === 'empty') return undefined;
    const segments = this.#state === 'one' ? [this.#newer] : [this.#older, this.#newer];
    const first = segments[0] ?? this.#newer;
    const events = segments.map(({ blocks }) => ({ bytes: blocks.filled(), eventCount: blocks.eventCount }));
    return {
      pieces: [{ bytes: first.head, eventCount: 0 }, ...events],
      eventCount: events.reduce((sum, { eventCount }) => sum + eventCount, 0),
      startNs: first.startNs,
    };
  }
}
