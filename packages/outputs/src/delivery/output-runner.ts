/**
 * Delivers one output's alerts, from its place in the journal to its destination: in order, again when the destination
 * fails, to the dead letters when it refuses.
 *
 * Alerts go through lanes, one for each request that may be under way. A lane sends one alert or batch after the other and
 * holds on to it until it is delivered, refused or too old. With one lane, all keep their order; with several, those that
 * are equal in `orderby`.
 *
 * INVARIANT: the place in the journal moves only past alerts that were delivered, that are not for this output, or whose
 * dead letter is on disk. What is bounded is bounded here: alerts in memory, not in the journal.
 */

import type { HubAlert, StoredAlert } from '@peregrine/alert';
import { textOfValue } from '@peregrine/alert';
import type { Outcome } from '@peregrine/base';
import type { SinkSettings } from '../settings/sink-settings.ts';
import type { BackOffSettings } from './back-off.ts';
import { Breaker, type BreakerState } from './breaker.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { AlertFeed, FeedRecord } from './feed.ts';
import { type Item, Lane } from './lane.ts';
import { passesPriority } from './passes-priority.ts';
import { Progress } from './progress.ts';
import type { Transmitter } from './transmitter.ts';

export interface RunnerOptions {
  readonly settings: SinkSettings;
  readonly feed: AlertFeed;
  readonly transmitter: Transmitter;
  readonly deadLetters: Pick<DeadLetters, 'add'>;
  /** What a record holds; `undefined` when it is none that the hub wrote. */
  readonly decode: (payload: Uint8Array) => StoredAlert | undefined;
  readonly retry: BackOffSettings;
  /** Clock of the feed, milliseconds. */
  readonly clockMs: () => number;
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number;
  readonly monotonicMs: () => number;
  readonly random: () => number;
  readonly onEvent: (event: DeliveryEvent) => void;
}

export type DeliveryEvent =
  | { readonly kind: 'delivered'; readonly alerts: readonly HubAlert[]; readonly notes: readonly string[] }
  | {
      readonly kind: 'failed';
      readonly alerts: readonly HubAlert[];
      readonly reason: string;
      readonly attempt: number;
      readonly pauseMs: number;
    }
  | {
      readonly kind: 'given-up';
      readonly alert: HubAlert;
      readonly reason: string;
      readonly attempts: number;
      readonly why: 'rejected' | 'expired';
    }
  /** It is not for this output. */
  | {
      readonly kind: 'skipped';
      readonly alert: HubAlert;
      readonly mark: string | undefined;
      readonly reason: string;
    }
  /** A fault of this program, or a full disk: told of, and tried again. */
  | { readonly kind: 'trouble'; readonly reason: string };

/** Counters of an output; plain numbers that a scrape reads. */
export interface DeliveryCounters {
  deliveredCount: number;
  /** Alerts of attempts that failed. */
  failedCount: number;
  attemptCount: number;
  retryCount: number;
  rejectedCount: number;
  expiredCount: number;
  /** Alerts that were not for this output. */
  skippedCount: number;
}

/** Requests at the same time where the settings have no limit. */
const MOST_LANES = 64;
const READ_BYTES = 1 << 20;
/** Of alerts in memory; one is always let in. */
const MOST_OPEN_CHARS = 4 << 20;
/** Pause after something that is nobody's fault but ours, milliseconds. */
const TROUBLE_PAUSE_MS = 1_000;

export class OutputRunner {
  readonly #options: RunnerOptions;
  readonly #breaker: Breaker;
  readonly #progress = new Progress();
  readonly #lanes: Lane[];
  readonly #reading = new AbortController();
  readonly #sending = new AbortController();
  readonly #mostOpen: number;
  #openChars = 0;
  #nextLane = 0;
  #running: Promise<void> | undefined;
  #roomWaiter: (() => void) | undefined;
  readonly counters: DeliveryCounters = {
    deliveredCount: 0,
    failedCount: 0,
    attemptCount: 0,
    retryCount: 0,
    rejectedCount: 0,
    expiredCount: 0,
    skippedCount: 0,
  };

  constructor(options: RunnerOptions) {
    this.#options = options;
    const { monotonicMs, random, retry, settings, transmitter } = options;
    this.#breaker = new Breaker({ ...retry, monotonicMs, random });
    const laneCount = settings.common.maxconcurrentrequests || MOST_LANES;
    this.#lanes = Array.from({ length: laneCount }, () => new Lane());
    this.#mostOpen = Math.max(64, laneCount * 2 * (transmitter.batching?.mostAlerts ?? 1));
  }

  get id(): string {
    return this.#options.settings.id;
  }

  get breakerState(): BreakerState {
    return this.#breaker.state;
  }

  /** Alerts that are not delivered, in the journal and under way. */
  get lagCount(): number {
    return this.#options.feed.lagCount;
  }

  /** How long the oldest alert under way has waited since it came in, milliseconds; 0 when there is none. */
  get oldestMs(): number {
    const oldest = this.#progress.oldestClockMs;
    return oldest === undefined ? 0 : Math.max(0, this.#options.clockMs() - oldest);
  }

  start(): void {
    this.#running ??= Promise.all([this.#readAll(), ...this.#lanes.map((lane) => this.#work(lane))]).then(
      () => {},
    );
  }

  /** Whether stopping now would leave nothing behind, or only what cannot be delivered now. */
  get isIdle(): boolean {
    return (
      (this.#progress.openCount === 0 && !this.#options.feed.hasMore) || this.#breaker.state !== 'closed'
    );
  }

  /** Delivers what there is while the destination takes it, for so long at most; what is left stays in the journal. */
  async stop(drainMs: number): Promise<void> {
    const endMs = this.#options.monotonicMs() + drainMs;
    while (!this.isIdle && this.#options.monotonicMs() < endMs) await sleep(10);
    this.#reading.abort();
    this.#sending.abort();
    this.#roomWaiter?.();
    for (const lane of this.#lanes) lane.stop();
    await this.#running;
    await this.#options.transmitter.close();
  }

  async #readAll(): Promise<void> {
    const { feed } = this.#options;
    const { signal } = this.#reading;
    while (!signal.aborted) {
      const room = this.#mostOpen - this.#progress.openCount;
      if (room <= 0 || this.#openChars >= MOST_OPEN_CHARS) {
        await this.#roomMade();
        continue;
      }
      try {
        const records = await feed.read({ mostRecords: room, mostBytes: READ_BYTES }, signal);
        for (const record of records) this.#accept(record);
        if (records.length === 0 && !signal.aborted) return;
      } catch (error) {
        this.#tell(error);
        await sleep(TROUBLE_PAUSE_MS, signal);
      }
    }
  }

  #accept({ seq, clockMs, payload }: FeedRecord): void {
    const { decode, settings } = this.#options;
    this.#progress.begin(seq, clockMs);
    const stored = decode(payload);
    const reason = stored === undefined ? 'it is no alert' : whyNotFor(stored, settings);
    if (stored === undefined || reason !== undefined) {
      this.counters.skippedCount++;
      this.#finish(seq, 0);
      if (stored !== undefined && reason !== undefined)
        this.#options.onEvent({ kind: 'skipped', alert: stored.alert, mark: stored.mark, reason });
      return;
    }
    const { alert } = stored;
    this.#openChars += alert.json.length;
    this.#laneFor(alert).push({ alert, seq, clockMs, attempts: 0, sentCount: 0 });
  }

  #laneFor(alert: HubAlert): Lane {
    const { orderby } = this.#options.settings.common;
    const key = orderby === '' ? undefined : keyOf(alert, orderby);
    const index = key === undefined ? this.#shortestLane() : hashOf(key) % this.#lanes.length;
    const lane = this.#lanes[index];
    if (lane === undefined) throw new Error('an output has a lane');
    return lane;
  }

  /** In turn, so that lanes that are equally short are used equally. */
  #shortestLane(): number {
    let best = this.#nextLane;
    for (let i = 0; i < this.#lanes.length; i++) {
      const index = (this.#nextLane + i) % this.#lanes.length;
      if ((this.#lanes[index]?.size ?? 0) < (this.#lanes[best]?.size ?? 0)) best = index;
    }
    this.#nextLane = (best + 1) % this.#lanes.length;
    return best;
  }

  async #work(lane: Lane): Promise<void> {
    const { batching } = this.#options.transmitter;
    const { signal } = this.#sending;
    for (;;) {
      const items = await lane.take(batching);
      if (items.length === 0) return;
      await this.#deliver(items);
      if (signal.aborted) return;
    }
  }

  /** Holds on to the items until nothing more can be done for them, or it is told to stop. */
  async #deliver(items: readonly Item[]): Promise<void> {
    const { signal } = this.#sending;
    let left = items;
    while (left.length > 0) {
      if (!(await this.#breaker.permit(signal))) return;
      left = await this.#withoutExpired(left);
      if (left.length === 0) {
        this.#breaker.abandon();
        return;
      }
      left = await this.#attempt(left);
      if (signal.aborted) return;
    }
  }

  /** What is left to do after one attempt. */
  async #attempt(items: readonly Item[]): Promise<readonly Item[]> {
    const { transmitter } = this.#options;
    const { signal } = this.#sending;
    this.counters.attemptCount++;
    for (const item of items) {
      item.attempts++;
      if (item.attempts > 1) this.counters.retryCount++;
    }
    try {
      const { outcomes, notes } = await transmitter.send(items, signal);
      if (signal.aborted && !outcomes.some(({ kind }) => kind === 'delivered')) return items;
      return await this.#settle(items, outcomes, notes);
    } catch (error) {
      // A sink that throws on an alert would throw on it again.
      const reason = `a fault of the output: ${error instanceof Error ? error.message : String(error)}`;
      return await this.#settle(
        items,
        items.map(() => ({ kind: 'rejected', reason })),
        [],
      );
    }
  }

  async #settle(
    items: readonly Item[],
    outcomes: readonly Outcome[],
    notes: readonly string[],
  ): Promise<readonly Item[]> {
    const deliveredItems = items.filter((_, i) => outcomes[i]?.kind === 'delivered');
    const retries = items.filter((_, i) => outcomes[i]?.kind === 'retry');
    this.counters.deliveredCount += deliveredItems.length;
    for (const { seq, alert } of deliveredItems) this.#finish(seq, alert.json.length);
    if (deliveredItems.length > 0) {
      this.#options.onEvent({ kind: 'delivered', alerts: deliveredItems.map(({ alert }) => alert), notes });
    }
    // Whatever else it said, it said something.
    if (retries.length < items.length) this.#breaker.success();
    const isWholeRefused = items.length > 1 && outcomes.every(({ kind }) => kind === 'rejected');
    if (isWholeRefused) {
      // One of them is at fault: halves tell which.
      const middle = items.length >> 1;
      await this.#deliver(items.slice(0, middle));
      await this.#deliver(items.slice(middle));
      return [];
    }
    for (const [i, item] of items.entries()) {
      const outcome = outcomes[i];
      if (outcome?.kind === 'rejected') await this.#giveUp(item, outcome.reason, 'rejected');
    }
    if (retries.length > 0) this.#noteFailure(retries, outcomes);
    return retries;
  }

  #noteFailure(items: readonly Item[], outcomes: readonly Outcome[]): void {
    const reasons = outcomes.flatMap((outcome) => (outcome.kind === 'retry' ? [outcome] : []));
    const askedMs = Math.max(0, ...reasons.map(({ afterMs }) => afterMs ?? 0));
    const pauseMs = this.#breaker.failure(askedMs);
    this.counters.failedCount += items.length;
    this.#options.onEvent({
      kind: 'failed',
      alerts: items.map(({ alert }) => alert),
      reason: reasons[0]?.reason ?? '',
      attempt: Math.max(...items.map(({ attempts }) => attempts)),
      pauseMs,
    });
  }

  async #withoutExpired(items: readonly Item[]): Promise<readonly Item[]> {
    const { clockMs, settings } = this.#options;
    const leastMs = clockMs() - settings.common.maxage;
    const [oldest] = items;
    if (oldest === undefined || oldest.clockMs >= leastMs) return items;
    for (const item of items) {
      if (item.clockMs >= leastMs) continue;
      await this.#giveUp(item, `not delivered within ${settings.common.maxage} ms`, 'expired');
    }
    return items.filter((item) => item.clockMs >= leastMs);
  }

  /** Resolves when the dead letter is on disk, however long that takes. */
  async #giveUp(item: Item, reason: string, why: 'rejected' | 'expired'): Promise<void> {
    const { deadLetters, nowMs, onEvent } = this.#options;
    const at = nowMs();
    const letter = {
      output: this.id,
      reason,
      attempts: item.attempts,
      at: new Date(at).toISOString(),
      alertJson: item.alert.json,
    };
    for (;;) {
      try {
        await deadLetters.add(letter, at);
        break;
      } catch (error) {
        this.#tell(error);
        await sleep(TROUBLE_PAUSE_MS, this.#sending.signal);
        if (this.#sending.signal.aborted) return;
      }
    }
    if (why === 'rejected') this.counters.rejectedCount++;
    else this.counters.expiredCount++;
    this.#finish(item.seq, item.alert.json.length);
    onEvent({ kind: 'given-up', alert: item.alert, reason, attempts: item.attempts, why });
  }

  #finish(seq: number, chars: number): void {
    this.#openChars -= chars;
    if (this.#progress.finish(seq)) this.#options.feed.commit(this.#progress.doneBefore);
    this.#roomWaiter?.();
  }

  #roomMade(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#roomWaiter = () => {
      this.#roomWaiter = undefined;
      resolve();
    };
    return promise;
  }

  #tell(error: unknown): void {
    this.#options.onEvent({
      kind: 'trouble',
      reason: error instanceof Error ? error.message : String(error),
    });
  }
}

/** `undefined`: it is for this output. */
function whyNotFor({ alert, to }: StoredAlert, settings: SinkSettings): string | undefined {
  if (to !== undefined && !to.includes(settings.id) && !to.includes(settings.sink.name))
    return 'it is routed elsewhere';
  const { minimumpriority } = settings.common;
  return passesPriority(alert, minimumpriority) ? undefined : `it is less urgent than ${minimumpriority}`;
}

/** `rule`, `hostname`, or the name of a field. */
function keyOf(alert: HubAlert, name: string): string {
  switch (name) {
    case 'rule':
    case 'priority':
    case 'source':
    case 'hostname':
      return alert[name];
    default:
      return textOfValue(alert.fields[name.replace(/^output_fields\./, '')] ?? null);
  }
}

function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** Ends early, and without complaint, when the signal says so. */
async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const stop = (): void => resolve();
  signal?.addEventListener('abort', stop, { once: true });
  await promise;
  clearTimeout(timer);
  signal?.removeEventListener('abort', stop);
}
