/**
 * One source in its thread: takes batches, runs the rules, hands alerts to the main thread, and acknowledges each batch
 * when its alerts are out. So many batches may be on their way, and no more are taken: what floods, or cannot be
 * delivered, makes its own sender wait.
 */

import { setImmediate as nextTurn } from 'node:timers/promises';
import { Fault } from '@peregrine/base';
import { AUDIT_SOURCE_NAME, type JsonEvent } from '@peregrine/fields';
import { type Batch, execRequestOf, type Feed } from '@peregrine/sources/feeds';
import { wantedFeeds } from '../plugins/loaded-plugins.ts';
import { ConditionTeller } from '../story/condition-teller.ts';
import { countersOf } from './feed-measurement.ts';
import type { FeedStart, FromFeed, ToFeed } from './feed-messages.ts';
import { JsonDetector } from './json-detector.ts';

/** Batches whose alerts are on their way out. */
const MOST_IN_FLIGHT = 16;
/** Alerts on their way out, beyond which no batch is taken. */
const MOST_ALERTS_IN_FLIGHT = 4_096;
/** A source that always has events must not keep the thread from what it is told. */
const LONGEST_TURN_MS = 20;
/** At the end, alerts may take so long to get out; what is not acknowledged by then is sent again. */
const GRACE_MS = 5_000;

interface InFlight {
  readonly id: number;
  readonly batch: Batch;
  readonly alertCount: number;
  isDelivered: boolean;
}

export interface FeedPort {
  readonly tell: (message: FromFeed) => void;
  readonly listen: (take: (message: ToFeed) => void) => void;
}

/** Throws a `Fault` when the source cannot be opened. */
export async function runFeed(start: FeedStart, port: FeedPort): Promise<void> {
  const wanted = wantedFeeds(start.setup.config).find(({ plugin }) => plugin.source === start.source);
  if (wanted === undefined) throw new Error(`nothing feeds ${start.source}`);
  const { plugin, initConfig, openParams } = wanted;
  const teller = start.tellsStories
    ? new ConditionTeller<JsonEvent>(start.setup.config.story, {
        onBug: (error) => {
          const text = `an alert goes out without its story: ${textOf(error)}`;
          port.tell({ kind: 'note', level: 'error', text });
        },
        monotonicMs: () => performance.now(),
      })
    : undefined;
  const { detector, report } = JsonDetector.create({
    ...start,
    teller,
    onBug: (error) => port.tell({ kind: 'bug', text: textOf(error) }),
  });
  if (detector === undefined) throw new Fault('rules', 'the rules cannot be used');
  const feed = await plugin.open(initConfig, {
    openParams,
    tell: (level, text) => port.tell({ kind: 'note', level, text: `${plugin.source}: ${text}` }),
    environment: process.env,
  });
  const runner = new FeedRunner(start, plugin.name, feed, detector, port);
  port.tell({ kind: 'started', title: feed.title, report });
  try {
    await runner.run();
  } finally {
    await feed.close();
  }
}

class FeedRunner {
  readonly #start: FeedStart;
  readonly #pluginName: string;
  readonly #feed: Feed;
  readonly #detector: JsonDetector;
  readonly #port: FeedPort;
  readonly #stop = new AbortController();
  /** Oldest first. */
  #inFlight: InFlight[] = [];
  #room: PromiseWithResolvers<void> | undefined;
  #batchCount = 0;

  constructor(start: FeedStart, pluginName: string, feed: Feed, detector: JsonDetector, port: FeedPort) {
    this.#start = start;
    this.#pluginName = pluginName;
    this.#feed = feed;
    this.#detector = detector;
    this.#port = port;
    port.listen((message) => this.#take(message));
  }

  async run(): Promise<void> {
    const { signal } = this.#stop;
    let turnMs = performance.now();
    for (;;) {
      while (this.#isFull() && !signal.aborted) await this.#roomAgain();
      if (performance.now() - turnMs > LONGEST_TURN_MS) {
        await nextTurn();
        turnMs = performance.now();
      }
      const batch = await this.#feed.next(signal);
      if (batch === undefined) break;
      this.#work(batch);
    }
    const late = setTimeout(() => this.#giveUp(), GRACE_MS);
    while (this.#inFlight.length > 0) await this.#roomAgain();
    clearTimeout(late);
    this.#port.tell({
      kind: 'ended',
      events: this.#detector.eventCount,
      matches: this.#detector.matches(),
    });
  }

  #isFull(): boolean {
    const alertCount = this.#inFlight.reduce((sum, entry) => sum + entry.alertCount, 0);
    return this.#inFlight.length >= MOST_IN_FLIGHT || alertCount >= MOST_ALERTS_IN_FLIGHT;
  }

  #work(batch: Batch): void {
    if (this.#start.source === AUDIT_SOURCE_NAME) this.#tellExecs(batch);
    const alerts = this.#detector.alertsOf(batch);
    if (alerts.length === 0 && this.#inFlight.length === 0) {
      batch.done();
      return;
    }
    const id = ++this.#batchCount;
    this.#inFlight.push({ id, batch, alertCount: alerts.length, isDelivered: alerts.length === 0 });
    if (alerts.length > 0) this.#port.tell({ kind: 'alerts', batch: id, alerts });
  }

  /** Before the alerts: what runs in the pods is about to be seen. */
  #tellExecs({ events }: Batch): void {
    const requests = events.flatMap(({ document, timeNs }) => execRequestOf(document, timeNs) ?? []);
    if (requests.length > 0) this.#port.tell({ kind: 'execs', requests });
  }

  #take(message: ToFeed): void {
    switch (message.kind) {
      case 'delivered':
        this.#delivered(message.batch);
        return;
      case 'reload':
        // The main thread has looked at the rules already: what it takes, this takes.
        this.#detector.use(message.setup);
        return;
      case 'measure':
        this.#port.tell({ kind: 'measured', id: message.id, measurement: this.#measure() });
        return;
      case 'stop':
        this.#stop.abort();
        this.#wake();
        return;
    }
  }

  #measure() {
    return {
      source: this.#start.source,
      plugin: this.#pluginName,
      title: this.#feed.title,
      ...countersOf(this.#feed.counters),
      bugs: this.#detector.bugCount,
      matches: this.#detector.measuredMatches(),
    };
  }

  /** Batches are acknowledged in their order: what comes after one that is not out yet waits for it. */
  #delivered(id: number): void {
    const found = this.#inFlight.find((entry) => entry.id === id);
    if (found !== undefined) found.isDelivered = true;
    while (this.#inFlight[0]?.isDelivered) this.#inFlight.shift()?.batch.done();
    this.#wake();
  }

  #giveUp(): void {
    this.#inFlight = [];
    this.#wake();
  }

  #roomAgain(): Promise<void> {
    this.#room ??= Promise.withResolvers<void>();
    return this.#room.promise;
  }

  #wake(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
