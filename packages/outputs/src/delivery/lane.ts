/** Alerts of an output that wait for their turn, in order, and are handed out singly or in batches. */

import type { Batching } from '../sink.ts';
import type { Outgoing } from './transmitter.ts';

export interface Item extends Outgoing {
  readonly seq: number;
  readonly clockMs: number;
  attempts: number;
}

export class Lane {
  #items: Item[] = [];
  #wake: (() => void) | undefined;
  #isStopped = false;

  get size(): number {
    return this.#items.length;
  }

  push(item: Item): void {
    this.#items.push(item);
    this.#wake?.();
  }

  stop(): void {
    this.#isStopped = true;
    this.#wake?.();
  }

  /** The next item, or as many as make a batch; waits for one. Empty when there will be none. */
  async take(batching: Batching | undefined): Promise<readonly Item[]> {
    while (this.#items.length === 0) {
      if (this.#isStopped) return [];
      await this.#change();
    }
    if (batching === undefined) return this.#items.splice(0, 1);
    const endMs = performance.now() + batching.waitMs;
    while (!this.#isStopped && countFor(this.#items, batching) === this.#items.length) {
      const leftMs = endMs - performance.now();
      if (leftMs <= 0 || this.#items.length >= batching.mostAlerts) break;
      await this.#change(leftMs);
    }
    return this.#items.splice(0, countFor(this.#items, batching));
  }

  async #change(withinMs?: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = withinMs === undefined ? undefined : setTimeout(resolve, withinMs);
    this.#wake = () => {
      this.#wake = undefined;
      resolve();
    };
    await promise;
    clearTimeout(timer);
  }
}

function countFor(items: readonly Item[], { mostAlerts, mostBytes }: Batching): number {
  let sizeBytes = 0;
  for (const [i, { alert }] of items.entries()) {
    // Chars are near enough: limits of destinations have room.
    sizeBytes += alert.json.length;
    if (i >= mostAlerts || (i > 0 && sizeBytes > mostBytes)) return i;
  }
  return items.length;
}
