/** Batches between whoever puts them in (a server) and whoever takes them out, one at a time. */

import type { Batch } from './feed.ts';

export class BatchQueue {
  #batches: Batch[] = [];
  #waiting: PromiseWithResolvers<void> | undefined;
  #isEnded = false;

  push(batch: Batch): void {
    this.#batches.push(batch);
    this.#wake();
  }

  /** No more will come; what is there can still be taken. */
  end(): void {
    this.#isEnded = true;
    this.#wake();
  }

  async next(signal: AbortSignal): Promise<Batch | undefined> {
    const stop = (): void => this.#wake();
    signal.addEventListener('abort', stop);
    try {
      for (;;) {
        if (signal.aborted) return undefined;
        const batch = this.#batches.shift();
        if (batch !== undefined || this.#isEnded) return batch;
        this.#waiting ??= Promise.withResolvers<void>();
        await this.#waiting.promise;
      }
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  #wake(): void {
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }
}
