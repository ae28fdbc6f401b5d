/**
 * Sees to it that alerts that noise held are told of even when the hub is killed: a place in the journal stays behind the
 * open windows, and what stands after it is counted at the next start.
 */

import type { StoredAlert } from '@peregrine/alert';
import { HeldTally, type NoiseSettings, type RollUp, type Router } from '@peregrine/hub';
import type { Journal, JournalConsumer } from '@peregrine/journal';

const NAME = 'noise';
/** A window that is over is told of within a second; this is for a machine that is busy. */
const GRACE_MS = 10_000;
const READ = { mostRecords: 1_000, mostBytes: 1_048_576 };

export interface HeldAlertsOptions {
  readonly journal: Journal;
  readonly router: Router | undefined;
  readonly decode: (payload: Uint8Array) => StoredAlert | undefined;
}

export class HeldAlerts {
  readonly #options: HeldAlertsOptions;
  readonly #noise: readonly NoiseSettings[];
  /** `undefined`: nothing is held that is told of. */
  readonly #place: JournalConsumer | undefined;
  /** What of the journal was there when it was opened. */
  readonly #endSeq: number;
  /** Ends of the journal at earlier times, oldest first. */
  readonly #ends: { readonly atMs: number; readonly seq: number }[] = [];
  #isCounted = false;

  constructor(options: HeldAlertsOptions) {
    const { journal, router } = options;
    this.#options = options;
    this.#noise = (router?.noise ?? []).map(({ settings }) => settings).filter(({ hasRollUp }) => hasRollUp);
    this.#endSeq = journal.nextSeq;
    if (this.#noise.length > 0) this.#place = journal.consumer(NAME);
    else if (journal.consumers.some(({ name }) => name === NAME)) journal.forget(NAME);
  }

  /** What was held before the start and not told of. To be called once, before any other; the signal gives it up. */
  async count(nowMs: number, signal: AbortSignal): Promise<readonly RollUp[]> {
    const { router, decode } = this.#options;
    if (this.#place === undefined || router === undefined) return [];
    const tally = new HeldTally(this.#noise);
    for (let seq = this.#place.committedSeq; seq < this.#endSeq && this.#place.hasMore; ) {
      const records = await this.#place.read(READ, signal);
      if (records.length === 0) return [];
      for (const record of records) {
        seq = record.seq + 1;
        const stored = record.seq < this.#endSeq ? decode(record.payload) : undefined;
        if (stored !== undefined) tally.note(stored.alert, stored.mark);
      }
    }
    this.#isCounted = true;
    return tally.rollUps(
      (alert) => router.routeOf(alert, nowMs),
      () => crypto.randomUUID(),
    );
  }

  /** To be called now and then: windows that were open when it was called the last times are over some day. */
  async follow(monotonicMs: number): Promise<void> {
    if (this.#place === undefined || !this.#isCounted) return;
    const longestMs = Math.max(...this.#noise.map(({ windowMs }) => windowMs)) + GRACE_MS;
    this.#ends.push({ atMs: monotonicMs, seq: this.#options.journal.nextSeq });
    let passed: number | undefined;
    while ((this.#ends[0]?.atMs ?? Number.POSITIVE_INFINITY) <= monotonicMs - longestMs) {
      passed = this.#ends.shift()?.seq;
    }
    if (passed !== undefined) await this.#moveTo(passed);
  }

  /** Everything is told of. */
  async close(): Promise<void> {
    if (this.#isCounted) await this.#moveTo(this.#options.journal.nextSeq);
  }

  async #moveTo(seq: number): Promise<void> {
    await this.#place?.rewind(Math.max(seq, this.#place.committedSeq));
    this.#place?.commit(seq);
  }
}
