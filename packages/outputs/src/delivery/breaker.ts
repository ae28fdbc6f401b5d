/**
 * Keeps an output from asking a destination that does not answer: after a failure everybody waits, then one attempt is let
 * through, and the others when it succeeds.
 *
 * One failure is enough to wait, since an output's alerts keep their order and the next one would wait anyway; the pause
 * grows with every further failure.
 */

import { type BackOffSettings, pauseMs } from './back-off.ts';

export type BreakerState = 'closed' | 'open' | 'half-open';

export interface BreakerOptions extends BackOffSettings {
  readonly random: () => number;
  /** Milliseconds from any start, never backwards. */
  readonly monotonicMs: () => number;
}

export class Breaker {
  readonly #options: BreakerOptions;
  #openUntilMs = 0;
  #isProbing = false;
  #waiting: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** Since the last success. */
  failureCount = 0;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  get state(): BreakerState {
    if (this.failureCount === 0) return 'closed';
    return this.#isProbing ? 'half-open' : 'open';
  }

  /** Resolves when an attempt may be made, true; or when the signal says stop, false. */
  async permit(signal: AbortSignal): Promise<boolean> {
    for (;;) {
      if (signal.aborted) return false;
      if (this.failureCount === 0) return true;
      const leftMs = this.#openUntilMs - this.#options.monotonicMs();
      if (leftMs <= 0 && !this.#isProbing) {
        this.#isProbing = true;
        return true;
      }
      await this.#change(leftMs, signal);
    }
  }

  success(): void {
    this.failureCount = 0;
    this.#isProbing = false;
    this.#wake();
  }

  /** Gives how long everybody waits now, milliseconds. */
  failure(askedMs: number | undefined): number {
    this.failureCount++;
    this.#isProbing = false;
    const pause = pauseMs(this.failureCount, this.#options, this.#options.random, askedMs);
    this.#openUntilMs = this.#options.monotonicMs() + pause;
    this.#wake();
    return pause;
  }

  /** The attempt came to nothing, which says nothing about the destination. */
  abandon(): void {
    this.#isProbing = false;
    this.#wake();
  }

  /** Resolves when the pause may be over, or something else changed. */
  async #change(leftMs: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = (): void => resolve();
    this.#waiting.push(wake);
    signal.addEventListener('abort', wake, { once: true });
    if (leftMs > 0 && this.#timer === undefined) {
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        this.#wake();
      }, leftMs);
    }
    await promise;
    signal.removeEventListener('abort', wake);
  }

  #wake(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}
