/** What the sensor counts, asked for: whoever asks while a question is open shares its answer. */

import { Questions } from '../questions.ts';
import type { Measurement } from './measurement.ts';

/** The sensor looks for questions between two batches of events. */
const LIMIT_MS = 5_000;

export class PendingMeasurements {
  readonly #send: (id: number) => void;
  readonly #limitMs: number;
  readonly #questions = new Questions<Measurement>();
  #latest: Promise<Measurement> | undefined;

  constructor(send: (id: number) => void, limitMs: number = LIMIT_MS) {
    this.#send = send;
    this.#limitMs = limitMs;
  }

  ask(): Promise<Measurement> {
    if (this.#latest !== undefined) return this.#latest;
    const latest = this.#questions.ask(this.#send, this.#limitMs);
    const forget = (): void => {
      this.#latest = undefined;
    };
    latest.then(forget, forget);
    this.#latest = latest;
    return latest;
  }

  settle(id: number, measurement: Measurement): void {
    this.#questions.settle(id, measurement);
  }

  /** No answer will come any more. */
  fail(error: unknown): void {
    this.#questions.fail(error);
  }
}
