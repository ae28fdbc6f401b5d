/**
 * Brings alerts from the journal to the responder, or to the hub that acts. The journal keeps them until they were decided
 * about, and that is on the disk.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { type Responder, rulesFor } from '@peregrine/actions';
import type { HubAlert, StoredAlert } from '@peregrine/alert';
import type { JournalConsumer, JournalRecord } from '@peregrine/journal';
import type { HubLog } from '../hub/hub-log.ts';
import { REPLAYED } from '../hub/replay-orders.ts';
import { type ForwardOptions, forwardAlerts } from './forward-alerts.ts';
import type { Leadership } from './leadership.ts';
import { RESPONSE_SOURCE } from './run-alert.ts';

export interface AlertFeedOptions {
  readonly responder: Responder;
  readonly consumer: JournalConsumer;
  /** Where the journal went on when it was opened. */
  readonly startSeq: number;
  /** As the journal's records have it. */
  readonly journalClockMs: () => number;
  readonly decode: (payload: Uint8Array) => StoredAlert | undefined;
  /** `undefined`: there is no other hub that may act. */
  readonly leadership: Leadership | undefined;
  /** How hubs reach each other. */
  readonly transport: Pick<ForwardOptions, 'isTls' | 'authorities'>;
  /** Older alerts are not handed over. */
  readonly mostAgeMs: number;
  readonly log: HubLog;
}

const READ = { mostRecords: 500, mostBytes: 4 * 1024 * 1024 };
/** How often what was decided goes to the disk, and the place in the journal moves on. */
const SETTLE_MS = 200;
const PAUSE_MS = 1_000;
/** Marks of alerts that people do not want to hear of. */
const SILENCED = 'silence ';
/** Field of alerts that stand for others, which were looked at. */
const HELD_FIELD = 'hub.held';

interface Wanted {
  readonly alert: HubAlert;
  readonly ageMs: number;
}

export class AlertFeed {
  readonly #options: AlertFeedOptions;
  readonly #stopping = new AbortController();
  readonly #following: Promise<void>;
  readonly #settling: NodeJS.Timeout;
  #doneSeq: number | undefined;
  #settledCount = 0;
  #isTroubled = false;

  constructor(options: AlertFeedOptions) {
    this.#options = options;
    this.#settling = setInterval(() => this.#settle(), SETTLE_MS);
    this.#following = this.#follow();
  }

  /** What was decided is on the disk when this resolves. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#following;
    clearInterval(this.#settling);
    this.#settle();
  }

  async #follow(): Promise<void> {
    const { consumer } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        const records = await consumer.read(READ, signal);
        const wanted: Wanted[] = [];
        for (const record of records) {
          const alert = alertToActOn(this.#options.decode(record.payload));
          if (alert !== undefined) wanted.push({ alert, ageMs: this.#ageOf(alert, record) });
        }
        await this.#actOrHandOver(wanted, signal);
        const last = records.at(-1);
        if (last !== undefined && !signal.aborted) this.#doneSeq = last.seq + 1;
      } catch (error) {
        this.#tellTrouble(error);
        await sleep(PAUSE_MS, undefined, { signal }).catch(() => {});
        await consumer.rewind(this.#doneSeq);
      }
    }
  }

  /** Until this hub or the one that acts has them. */
  async #actOrHandOver(wanted: readonly Wanted[], signal: AbortSignal): Promise<void> {
    const { leadership, transport, log, responder, mostAgeMs } = this.#options;
    const { election, secret } = leadership ?? {};
    let isTold = false;
    while (!signal.aborted) {
      if (election === undefined || election.isLeading) {
        for (const { alert, ageMs } of wanted) responder.take(alert, ageMs);
        return;
      }
      const matching = wanted.filter(
        ({ alert, ageMs }) => ageMs <= mostAgeMs && rulesFor(responder.plan, alert).length > 0,
      );
      if (matching.length === 0) return;
      const { leader } = election;
      try {
        if (leader === undefined || secret === undefined) throw new Error('no hub acts now');
        const alerts = matching.map(({ alert }) => alert);
        await forwardAlerts(alerts, { leader, secret, ...transport }, signal);
        return;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        if (!isTold) log('warning', `Response - ${matching.length} alerts wait: ${reason}`);
        isTold = true;
        await sleep(PAUSE_MS, undefined, { signal }).catch(() => {});
      }
    }
  }

  /** How long ago it came in, milliseconds. The journal's clock stands still while the hub is off. */
  #ageOf({ timeNs }: HubAlert, { seq, clockMs }: JournalRecord): number {
    const { startSeq, journalClockMs } = this.#options;
    return seq < startSeq ? Date.now() - Number(timeNs / 1_000_000n) : journalClockMs() - clockMs;
  }

  /** The place in the journal moves on when what was decided before it is on the disk. */
  #settle(): void {
    const { responder, consumer } = this.#options;
    if (this.#doneSeq === undefined) return;
    try {
      if (responder.matchedCount > this.#settledCount) responder.flush();
    } catch (error) {
      this.#tellTrouble(error);
      return;
    }
    this.#settledCount = responder.matchedCount;
    consumer.commit(this.#doneSeq);
    this.#doneSeq = undefined;
    this.#isTroubled = false;
  }

  /** Once, until it works again. */
  #tellTrouble(error: unknown): void {
    if (this.#isTroubled) return;
    this.#isTroubled = true;
    const reason = error instanceof Error ? error.message : String(error);
    this.#options.log('error', `Response - alerts wait in the journal: ${reason}`);
  }
}

/** `undefined`: nothing is to be done about it. */
function alertToActOn(stored: StoredAlert | undefined): HubAlert | undefined {
  if (stored === undefined) return undefined;
  const { alert, mark } = stored;
  const isWanted =
    alert.source !== RESPONSE_SOURCE &&
    mark !== REPLAYED &&
    mark?.startsWith(SILENCED) !== true &&
    !Object.hasOwn(alert.fields, HELD_FIELD);
  return isWanted ? alert : undefined;
}
