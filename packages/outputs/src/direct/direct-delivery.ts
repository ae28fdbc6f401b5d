/**
 * Alerts on their way out: a bounded queue, one loop that hands batches to every output in turn, order kept.
 *
 * A full queue drops what comes (counted, told once per spell). An output that holds the loop longer than the limit
 * is told of once per spell; nothing is given up for it but at `close`, which waits only while outputs make progress.
 */

import type { Alert } from '@peregrine/alert';
import type { Output, RenderedAlert } from './direct-sink.ts';

/** Alerts handed to an output at once. */
const MOST_PER_BATCH = 512;

export interface NamedOutput {
  readonly name: string;
  readonly output: Output;
}

export type DeliveryReport =
  | { readonly kind: 'queue-full'; readonly capacity: number }
  | { readonly kind: 'blocked'; readonly output: string; readonly forMs: number }
  | { readonly kind: 'failed'; readonly output: string; readonly reason: string }
  | { readonly kind: 'discarded'; readonly count: number };

export interface DeliveryOptions {
  readonly outputs: readonly NamedOutput[];
  readonly render: (alert: Alert) => string;
  /** Alerts that may wait; 0 is as many as there are. */
  readonly capacity: number;
  /** How long an output may take over a batch before it is told of, milliseconds. */
  readonly timeoutMs: number;
  readonly onReport: (report: DeliveryReport) => void;
}

export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #abort = new AbortController();
  #queue: Alert[] = [];
  #running: Promise<void> | undefined;
  #isFull = false;
  #isReopenWanted = false;
  #progressCount = 0;
  #pushedCount = 0;
  /** Oldest first; `count`: how many alerts must have been handled. */
  #waiters: { readonly count: number; readonly resolve: () => void }[] = [];

  /** Alerts that found the queue full, or were given up at the end. */
  droppedCount = 0;
  /** Alerts that went to every output, whether each took it or not. */
  handledCount = 0;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  get waitingCount(): number {
    return this.#queue.length;
  }

  push(alert: Alert): void {
    const { capacity, onReport } = this.#options;
    if (capacity > 0 && this.#queue.length >= capacity) {
      this.droppedCount++;
      if (!this.#isFull) onReport({ kind: 'queue-full', capacity });
      this.#isFull = true;
      return;
    }
    this.#isFull = false;
    this.#queue.push(alert);
    this.#pushedCount++;
    this.#running ??= this.#run();
  }

  /** Resolves when all that was pushed before is out. */
  async flush(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  /** Resolves when what was pushed before went to every output, whatever is pushed after; never for what is given up. */
  settled(): Promise<void> {
    if (this.#queue.length === 0 && this.#running === undefined) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiters.push({ count: this.#pushedCount, resolve });
    return promise;
  }

  /** Every output closes and opens again, between two batches. */
  async reopen(): Promise<void> {
    this.#isReopenWanted = true;
    this.#running ??= this.#run();
    await this.flush();
  }

  /** Delivers what waits, gives up on what an output blocks for longer than the limit, closes the outputs. */
  async close(): Promise<void> {
    let progress = -1;
    while (this.#running !== undefined && progress !== this.#progressCount) {
      progress = this.#progressCount;
      await this.#idleWithinLimit();
    }
    if (this.#running !== undefined) {
      const count = this.#queue.length;
      this.#queue = [];
      this.droppedCount += count;
      this.#abort.abort();
      this.#options.onReport({ kind: 'discarded', count });
      await this.#idleWithinLimit();
    }
    this.#abort.abort();
    await Promise.all(this.#options.outputs.map(({ output }) => output.close()));
  }

  async #run(): Promise<void> {
    // The first batch waits for the current turn to end, so that alerts of one turn go together.
    await Promise.resolve();
    while (this.#queue.length > 0 || this.#isReopenWanted) {
      if (this.#isReopenWanted) await this.#reopenAll();
      const alerts = this.#queue.splice(0, MOST_PER_BATCH);
      if (alerts.length > 0) await this.#deliver(alerts);
    }
    this.#running = undefined;
  }

  async #deliver(alerts: readonly Alert[]): Promise<void> {
    const { render, outputs, onReport } = this.#options;
    const batch: readonly RenderedAlert[] = alerts.map((alert) => ({ alert, line: render(alert) }));
    for (const { name, output } of outputs) {
      for (let i = 0; i < batch.length && !this.#abort.signal.aborted; i += output.mostPerSend) {
        const part = batch.length <= output.mostPerSend ? batch : batch.slice(i, i + output.mostPerSend);
        const outcome = await this.#watch(name, output.send(part, this.#abort.signal));
        if (outcome.kind !== 'delivered') onReport({ kind: 'failed', output: name, reason: outcome.reason });
        this.#progressCount++;
      }
    }
    this.handledCount += alerts.length;
    while ((this.#waiters[0]?.count ?? Number.POSITIVE_INFINITY) <= this.handledCount)
      this.#waiters.shift()?.resolve();
  }

  async #reopenAll(): Promise<void> {
    this.#isReopenWanted = false;
    for (const { name, output } of this.#options.outputs) {
      try {
        await output.reopen();
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        this.#options.onReport({ kind: 'failed', output: name, reason });
      }
    }
  }

  async #watch<T>(name: string, sending: Promise<T>): Promise<T> {
    const { timeoutMs, onReport } = this.#options;
    const timer = setTimeout(() => onReport({ kind: 'blocked', output: name, forMs: timeoutMs }), timeoutMs);
    try {
      return await sending;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Resolves when the loop ends, or after the limit. */
  async #idleWithinLimit(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, this.#options.timeoutMs);
    await Promise.race([this.#running, promise]);
    clearTimeout(timer);
  }
}
