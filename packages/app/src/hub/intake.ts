/** Takes alerts in: what was posted, or what a sensor in the same process hands over. Answers when they are safe. */

import {
  type AlertStory,
  encodeContinuation,
  encodeStored,
  type HubAlert,
  type StoryContinuation,
} from '@peregrine/alert';
import { type AlertStream, busy, type HubAnswer, refusal, type StreamStep } from '@peregrine/api';
import {
  type BodyItem,
  type DecodedAlert,
  type ProcessingSettings,
  processAlert,
  type Router,
  readBody,
  readLines,
  testAlert,
} from '@peregrine/hub';
import type { Appended, Journal } from '@peregrine/journal';
import type { HubLog } from './hub-log.ts';
import type { HubMetrics } from './hub-metrics.ts';

export interface IntakeOptions {
  readonly journal: Journal;
  readonly processing: ProcessingSettings;
  readonly metrics: HubMetrics;
  readonly log: HubLog;
  readonly isDebug: boolean;
  /** Which outputs each alert goes to; `undefined`: every alert goes to all. */
  readonly router: Router | undefined;
  /** Whether there is a store, which wants to know what sensors tell beside alerts. */
  readonly keepsStories: boolean;
  /** Milliseconds from any start, never backwards. */
  readonly monotonicMs: () => number;
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number;
}

/** Beside alerts that are complete. */
export interface SubmitOptions {
  /** Outputs that they go to; `undefined`: routes decide. */
  readonly to?: readonly string[];
  readonly mark?: string;
  /** Of each alert; none after the last one that has one. */
  readonly stories?: readonly (AlertStory | undefined)[];
}

/** How a batch went. */
interface Tally {
  acceptedCount: number;
  readonly rejected: { readonly index: number; readonly reason: string }[];
  /** Whether one of them was too large, rather than wrong. */
  hasTooLarge: boolean;
}

/** Alerts that are worked on in one turn, so that others get theirs. */
const MOST_PER_TURN = 100;
/** Rejections that an answer names. */
const MOST_NAMED = 100;
/** COMPAT: the texts of falcosidekick. */
const INVALID = 'Please send a valid request body';

export class Intake {
  readonly #options: IntakeOptions;

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  get keepsStories(): boolean {
    return this.#options.keepsStories;
  }

  async ingest(body: Buffer): Promise<HubAnswer> {
    const { items, isBatch } = readBody(body.toString('utf8'), false);
    const tally: Tally = { acceptedCount: 0, rejected: [], hasTooLarge: false };
    const refused = await this.#takeAll(items, tally, 0);
    if (refused !== undefined) return refused;
    if (isBatch && items.length > 0) return batchAnswer(tally);
    const [first] = tally.rejected;
    if (first === undefined) return items.length > 0 ? { status: 200 } : refusal(400, INVALID);
    if (tally.hasTooLarge) return refusal(413, first.reason);
    return { ...refusal(400, INVALID), headers: reasonHeaders(first.reason) };
  }

  /** For lines that come one after the other, as long as their sender likes. */
  openStream(): AlertStream {
    const tally: Tally = { acceptedCount: 0, rejected: [], hasTooLarge: false };
    let count = 0;
    return {
      take: async (lines): Promise<StreamStep> => {
        const items = readLines(lines);
        const refused = await this.#takeAll(items, tally, count);
        count += items.length;
        return refused === undefined ? { kind: 'taken' } : { kind: 'stop', answer: refused };
      },
      end: async () => (count === 0 ? refusal(400, INVALID) : batchAnswer(tally)),
    };
  }

  async test(): Promise<HubAnswer> {
    const tally: Tally = { acceptedCount: 0, rejected: [], hasTooLarge: false };
    const refused = await this.#takeAll([testAlert(this.#options.nowMs())], tally, 0);
    return refused ?? { status: 200 };
  }

  /** Alerts that are complete: of a sensor in this process, or made here. Resolves when they are safe, or not. */
  async submit(alerts: readonly HubAlert[], options: SubmitOptions = {}): Promise<Appended> {
    const { journal, metrics } = this.#options;
    const appended = await journal.append(alerts.map((alert, i) => this.#recordOf(alert, i, options)));
    if (appended.kind === 'stored') for (const alert of alerts) metrics.countAlert(alert);
    else metrics.refusedCount += alerts.length;
    return appended;
  }

  /** Alerts of a sensor in this process, as if they had been posted. */
  async submitDecoded(decoded: readonly DecodedAlert[]): Promise<Appended | undefined> {
    const taken = decoded.flatMap((item) => {
      const processed = processAlert(item, this.#options.processing);
      return processed.kind === 'alert' ? [{ alert: processed.alert, story: item.story }] : [];
    });
    if (taken.length === 0) return undefined;
    return this.submit(
      taken.map(({ alert }) => alert),
      { stories: taken.map(({ story }) => story) },
    );
  }

  /** What a sensor tells later. */
  async continueStories(continuations: readonly StoryContinuation[]): Promise<Appended | undefined> {
    const { journal, keepsStories } = this.#options;
    if (continuations.length === 0 || !keepsStories) return undefined;
    return journal.append(continuations.map(encodeContinuation));
  }

  #recordOf(alert: HubAlert, index: number, { to, mark, stories }: SubmitOptions): Buffer {
    const { router, keepsStories, nowMs, monotonicMs } = this.#options;
    const story = keepsStories ? stories?.[index] : undefined;
    if (to !== undefined || router === undefined) return encodeStored(alert, { to, mark, story });
    const decision = router.decide(alert, nowMs(), monotonicMs());
    return encodeStored(alert, { to: decision.to, mark: decision.mark, story });
  }

  /** The answer that ends it all, where the journal has no room; the tally has what was taken before. */
  async #takeAll(items: readonly BodyItem[], tally: Tally, start: number): Promise<HubAnswer | undefined> {
    for (let i = 0; i < items.length; i += MOST_PER_TURN) {
      if (i > 0) await new Promise<void>((resolve) => setImmediate(resolve));
      const refused = await this.#takeSome(items.slice(i, i + MOST_PER_TURN), tally, start + i);
      if (refused !== undefined) return refused;
    }
    return undefined;
  }

  async #takeSome(items: readonly BodyItem[], tally: Tally, start: number): Promise<HubAnswer | undefined> {
    const { processing, metrics, log, isDebug } = this.#options;
    const alerts: HubAlert[] = [];
    const stories: (AlertStory | undefined)[] = [];
    const continuations: StoryContinuation[] = [];
    for (const [i, item] of items.entries()) {
      if ('key' in item) {
        continuations.push(item);
        continue;
      }
      const processed =
        'problem' in item
          ? { kind: 'invalid' as const, reason: item.problem }
          : processAlert(item, processing);
      if (processed.kind === 'alert') {
        alerts.push(processed.alert);
        stories.push('story' in item ? item.story : undefined);
        if (isDebug) log('debug', `Falco's payload : ${processed.alert.json}`);
        continue;
      }
      metrics.rejectedCount++;
      if (processed.kind === 'too-large') tally.hasTooLarge = true;
      tally.rejected.push({ index: start + i, reason: processed.reason });
      if (isDebug) log('debug', `an alert was not taken: ${processed.reason}`);
    }
    const appended = alerts.length === 0 ? undefined : await this.submit(alerts, { stories });
    if (appended?.kind === 'refused') return refusedAnswer(appended, tally);
    tally.acceptedCount += alerts.length;
    const continued = await this.continueStories(continuations);
    if (continued?.kind === 'refused') return refusedAnswer(continued, tally);
    tally.acceptedCount += continuations.length;
    return undefined;
  }
}

/** Seconds until it is worth trying again. */
const pauses: Readonly<Record<string, number>> = { busy: 1, closed: 5, disk: 5, full: 10 };

function refusedAnswer(refused: Extract<Appended, { kind: 'refused' }>, tally: Tally): HubAnswer {
  if (refused.why === 'too-large') return refusal(413, refused.reason);
  const answer = busy(`the alerts cannot be kept now: ${refused.reason}`, pauses[refused.why] ?? 5);
  // Of a batch, the sender learns which part it need not send again.
  return { ...answer, headers: { ...answer.headers, 'x-accepted-alerts': String(tally.acceptedCount) } };
}

function batchAnswer({ acceptedCount, rejected }: Tally): HubAnswer {
  const body = JSON.stringify({
    accepted: acceptedCount,
    rejected: rejected.length,
    ...(rejected.length === 0 ? {} : { reasons: rejected.slice(0, MOST_NAMED) }),
  });
  return {
    status: acceptedCount === 0 && rejected.length > 0 ? 400 : 200,
    contentType: 'application/json',
    body: `${body}\n`,
  };
}

/** The body of a refusal is falcosidekick's; why it is one stands beside it. */
function reasonHeaders(reason: string): Readonly<Record<string, string>> {
  const shown = reason.slice(0, 200).replace(/[^\x20-\x7e]/g, '?');
  return { 'x-content-type-options': 'nosniff', 'x-reason': shown };
}
