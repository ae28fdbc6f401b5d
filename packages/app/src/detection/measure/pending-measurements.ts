/** Questions to the sensor that wait for an answer, with a limit of time. */

import { Fault } from '@peregrine/base';
import type { Measurement } from './measurement.ts';

/** The sensor looks for questions between two batches of events. */
const LIMIT_MS = 5_000;

interface Question {
  readonly resolve: (measurement: Measurement) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

export class PendingMeasurements {
  readonly #send: (id: number) => void;
  readonly #limitMs: number;
  readonly #questions = new Map<number, Question>();
  #latest: Promise<Measurement> | undefined;
  #count = 0;

  constructor(send: (id: number) => void, limitMs: number = LIMIT_MS) {
    this.#send = send;
    this.#limitMs = limitMs;
  }

  /** Whoever asks while a question is open shares its answer. */
  ask(): Promise<Measurement> {
    if (this.#latest !== undefined) return this.#latest;
    const id = ++this.#count;
    const { promise, resolve, reject } = Promise.withResolvers<Measurement>();
    const timer = setTimeout(() => {
      const text = `the sensor has not answered for ${this.#limitMs / 1_000} s`;
      this.#end(id)?.reject(new Fault('sensor-silent', text));
    }, this.#limitMs);
    this.#questions.set(id, { resolve, reject, timer });
    this.#latest = promise;
    this.#send(id);
    return promise;
  }

  settle(id: number, measurement: Measurement): void {
    this.#end(id)?.resolve(measurement);
  }

  /** No answer will come any more. */
  fail(error: unknown): void {
    for (const id of [...this.#questions.keys()]) this.#end(id)?.reject(error);
  }

  #end(id: number): Question | undefined {
    const question = this.#questions.get(id);
    if (question === undefined) return undefined;
    clearTimeout(question.timer);
    this.#questions.delete(id);
    this.#latest = undefined;
    return question;
  }
}
