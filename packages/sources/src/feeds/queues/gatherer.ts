/** Takes what an iterator gives as it comes: what is there already is taken together. */

import { setImmediate as nextTurn } from 'node:timers/promises';
import { orAborted } from './or-aborted.ts';

export class Gatherer<T> {
  readonly #iterator: AsyncIterator<T>;
  readonly #most: number;
  #coming: Promise<IteratorResult<T>> | undefined;

  constructor(iterator: AsyncIterator<T>, most: number) {
    this.#iterator = iterator;
    this.#most = most;
  }

  /** At least one; none when the signal ended the wait. Rejects when there will be no more. */
  async take(signal: AbortSignal): Promise<readonly T[]> {
    const taken: T[] = [];
    let next = await orAborted(this.#next(), signal);
    while (next !== undefined) {
      this.#coming = undefined;
      if (next.done) throw new Error('there will be no more messages on this connection');
      taken.push(next.value);
      next = taken.length < this.#most ? await Promise.race([this.#next(), nextTurn(undefined)]) : undefined;
    }
    return taken;
  }

  #next(): Promise<IteratorResult<T>> {
    if (this.#coming === undefined) {
      this.#coming = this.#iterator.next();
      // Whoever takes next gets the error; nobody waiting now is no bug.
      this.#coming.catch(() => {});
    }
    return this.#coming;
  }
}
