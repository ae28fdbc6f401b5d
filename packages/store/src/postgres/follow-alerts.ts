/**
 * Tells of alerts in the order of their numbers, whichever hub appended them. Another hub's word only says how far the store
 * is; the alerts themselves are read, so that none is left out when a word is lost or the connection was.
 */

import type { Client } from 'pg';
import type { KeptAlert } from '../alert-store.ts';
import { CHANNEL } from './append.ts';
import { ask } from './ask.ts';

export interface FollowOptions {
  readonly connect: () => Client;
  /** At most so many, in the order of their numbers. */
  readonly since: (seq: number, limit: number) => Promise<readonly KeptAlert[]>;
  /** The latest number at the start. */
  readonly lastSeq: number;
  /** Of the store, for people. */
  readonly title: string;
  readonly onTrouble: (text: string) => void;
}

const PAGE = 500;
const FIRST_PAUSE_MS = 200;
const MOST_PAUSE_MS = 10_000;
/** A connection that says nothing may be none. */
const ASK_INTERVAL_MS = 5_000;

export class AlertFollower {
  readonly #options: FollowOptions;
  readonly #listeners = new Set<(alerts: readonly KeptAlert[]) => void>();
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #toldSeq: number;
  #last: Promise<void> = Promise.resolve();

  constructor(options: FollowOptions) {
    this.#options = options;
    this.#toldSeq = options.lastSeq;
    this.#running = this.#run();
  }

  listen(listener: (alerts: readonly KeptAlert[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** `own`: the last ones up to that number. Resolves when listeners know of them, or will later. */
  tell(
    lastSeq: number,
    own?: { readonly firstSeq: number; readonly kept: readonly KeptAlert[] },
  ): Promise<void> {
    const told = this.#last.then(() => this.#tell(lastSeq, own));
    // What was not read now is with the next word.
    this.#last = told.catch(() => {});
    return this.#last;
  }

  async #tell(
    lastSeq: number,
    own: { readonly firstSeq: number; readonly kept: readonly KeptAlert[] } | undefined,
  ): Promise<void> {
    while (this.#toldSeq < lastSeq && !this.#stop.signal.aborted) {
      if (this.#listeners.size === 0) {
        this.#toldSeq = lastSeq;
        return;
      }
      const isNext = own?.firstSeq === this.#toldSeq + 1;
      const alerts = isNext ? own.kept : await this.#options.since(this.#toldSeq, PAGE);
      for (const listener of this.#listeners) listener(alerts);
      const last = alerts.at(-1);
      this.#toldSeq = last === undefined || isNext ? lastSeq : Number.parseInt(last.id, 36);
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    let pauseMs = FIRST_PAUSE_MS;
    let isAway = false;
    while (!signal.aborted) {
      const client = this.#options.connect();
      const lost = Promise.withResolvers<never>();
      lost.promise.catch(() => {});
      client.on('error', lost.reject);
      client.on('end', () => lost.reject(new Error('the connection was closed')));
      const stopped = (): void => lost.reject(new Error('the store is closed'));
      signal.addEventListener('abort', stopped, { once: true });
      try {
        await Promise.race([client.connect(), lost.promise]);
        client.on('notification', ({ payload }) => void this.tell(Number(payload)));
        await Promise.race([client.query(`LISTEN ${CHANNEL}`), lost.promise]);
        if (isAway) this.#options.onTrouble(`the store at \`${this.#options.title}\` answers again`);
        isAway = false;
        pauseMs = FIRST_PAUSE_MS;
        for (;;) {
          const { rows } = await Promise.race([
            ask(client, 'SELECT last_seq FROM store_state'),
            lost.promise,
          ]);
          void this.tell(Number(rows[0]?.last_seq ?? 0));
          await Promise.race([pause(ASK_INTERVAL_MS, signal), lost.promise]);
        }
      } catch (error) {
        if (!signal.aborted && !isAway) {
          isAway = true;
          const reason = error instanceof Error ? error.message : String(error);
          this.#options.onTrouble(`the store at \`${this.#options.title}\` does not answer: ${reason}`);
        }
      } finally {
        signal.removeEventListener('abort', stopped);
        await client.end().catch(() => {});
      }
      await pause(pauseMs, signal);
      pauseMs = Math.min(MOST_PAUSE_MS, pauseMs * 2);
    }
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.#last;
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
