/** What became of the latest alerts at one output, by their id, for whoever looks at one of them. In memory, and bounded. */

import type { DeliveryEvent } from '@peregrine/outputs/hub';
import { REPLAYED } from './replay-orders.ts';

export interface Fate {
  /** `ordered`: somebody had it sent once more, and it is not done yet; `failing`: it is tried again. */
  readonly kind: 'delivered' | 'failing' | 'refused' | 'skipped' | 'ordered';
  readonly timeMs: number;
  readonly attempts: number;
  /** Empty: there is nothing to say. */
  readonly reason: string;
}

const MOST_ALERTS = 10_000;

export class DeliveryHistory {
  readonly #nowMs: () => number;
  readonly #mostAlerts: number;
  /** The one that was heard of longest ago comes first. */
  readonly #fates = new Map<string, Fate>();

  constructor(nowMs: () => number, mostAlerts = MOST_ALERTS) {
    this.#nowMs = nowMs;
    this.#mostAlerts = mostAlerts;
  }

  note(event: DeliveryEvent): void {
    switch (event.kind) {
      case 'delivered':
        for (const { uuid } of event.alerts) {
          const before = this.#fates.get(uuid);
          const failures = before?.kind === 'failing' ? before.attempts : 0;
          this.#put(uuid, 'delivered', failures + 1, '');
        }
        return;
      case 'failed':
        for (const { uuid } of event.alerts) this.#put(uuid, 'failing', event.attempt, event.reason);
        return;
      case 'given-up':
        this.#put(event.alert.uuid, 'refused', event.attempts, event.reason);
        return;
      case 'skipped':
        // What is sent once more to one output says nothing of the others.
        if (event.mark !== REPLAYED) this.#put(event.alert.uuid, 'skipped', 0, event.mark ?? event.reason);
        return;
      case 'trouble':
        return;
    }
  }

  /** Somebody had it sent once more. */
  order(uuid: string): void {
    this.#put(uuid, 'ordered', 0, '');
  }

  /** `undefined`: nothing was heard of it, or not lately. */
  of(uuid: string): Fate | undefined {
    return this.#fates.get(uuid);
  }

  #put(uuid: string, kind: Fate['kind'], attempts: number, reason: string): void {
    this.#fates.delete(uuid);
    this.#fates.set(uuid, { kind, timeMs: this.#nowMs(), attempts, reason });
    if (this.#fates.size <= this.#mostAlerts) return;
    for (const [oldest] of this.#fates) {
      this.#fates.delete(oldest);
      return;
    }
  }
}
