/** Lets so many in at a time and so many wait; turns away the rest. First come, first served. */

export interface RoomLimits {
  readonly mostInside: number;
  readonly mostWaiting: number;
}

export class WaitingRoom {
  readonly #limits: RoomLimits;
  readonly #waiting: (() => void)[] = [];
  insideCount = 0;

  constructor(limits: RoomLimits) {
    this.#limits = limits;
  }

  get waitingCount(): number {
    return this.#waiting.length;
  }

  /** Whoever is let in has to `leave`. */
  async enter(signal: AbortSignal | undefined): Promise<'inside' | 'full' | 'given_up'> {
    if (signal?.aborted) return 'given_up';
    if (this.insideCount < this.#limits.mostInside) {
      this.insideCount++;
      return 'inside';
    }
    if (this.#waiting.length >= this.#limits.mostWaiting) return 'full';
    const { promise, resolve } = Promise.withResolvers<'inside' | 'given_up'>();
    const letIn = (): void => {
      signal?.removeEventListener('abort', giveUp);
      resolve('inside');
    };
    const giveUp = (): void => {
      this.#waiting.splice(this.#waiting.indexOf(letIn), 1);
      resolve('given_up');
    };
    signal?.addEventListener('abort', giveUp, { once: true });
    this.#waiting.push(letIn);
    return promise;
  }

  /** The place goes to whoever waits longest. */
  leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.insideCount--;
    else next();
  }
}
