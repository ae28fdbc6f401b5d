/**
 * The thread of one source, seen from the main thread. When it breaks down it is started again, after a pause that grows:
 * the other sources and the kernel's events do not notice.
 */

import { Worker } from 'node:worker_threads';
import type { Alert } from '@peregrine/alert';
import { Fault } from '@peregrine/base';
import type { ExecRequest } from '@peregrine/sources/feeds';
import { withCompiledCode } from '../detection/compiled-code.ts';
import type { Setup } from '../detection/setup.ts';
import { addMatches, type RuleCount } from '../detection/statistics.ts';
import { letHeapGrow, limitNewSpace } from '../detection/thread-heap.ts';
import type { Log } from '../log.ts';
import type { FeedMeasurement } from './feed-measurement.ts';
import type { FeedStart, FromFeed, ToFeed } from './feed-messages.ts';

export interface FeedThreadOptions extends FeedStart {
  readonly log: Log;
  /** Resolves when the alerts are out. */
  readonly deliver: (alerts: readonly Alert[]) => Promise<void>;
  /** Told of requests to run something in a pod. */
  readonly onExecs: (requests: readonly ExecRequest[]) => void;
}

/** Whoever asks for numbers waits no longer for a thread that is busy, or hangs. */
const ANSWER_WITHIN_MS = 1_000;
/** For so long, the others wait for a source to be opened. */
const OPEN_WITHIN_MS = 10_000;
const LEAST_PAUSE_MS = 1_000;
const MOST_PAUSE_MS = 60_000;
/** For so long the thread may take to see its last alerts out. */
const STOP_WITHIN_MS = 8_000;

export interface MeasuredThread {
  /** Whether it answers now. */
  readonly isUp: boolean;
  readonly measurement: FeedMeasurement | undefined;
}

export class FeedThread {
  readonly #options: FeedThreadOptions;
  #setup: Setup;
  #worker: Worker | undefined;
  #started = Promise.withResolvers<string>();
  readonly #ended = Promise.withResolvers<void>();
  #restart: NodeJS.Timeout | undefined;
  #pauseMs = LEAST_PAUSE_MS;
  #isStopping = false;
  #hasStarted = false;
  #measures = new Map<number, PromiseWithResolvers<FeedMeasurement>>();
  #measured: FeedMeasurement | undefined;
  #measureCount = 0;
  /** Of threads that have ended. */
  #events = 0;
  #matches: readonly RuleCount[] = [];
  restartCount = 0;

  constructor(options: FeedThreadOptions) {
    this.#options = options;
    this.#setup = options.setup;
    // Whoever waits gets the error; nobody waiting is no bug.
    this.#started.promise.catch(() => {});
  }

  get source(): string {
    return this.#options.source;
  }

  /** Resolves when events are read, or after a while. Throws a `Fault` when the source cannot be opened. */
  async start(): Promise<void> {
    const { log } = this.#options;
    this.#open();
    const late = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => late.resolve(undefined), OPEN_WITHIN_MS);
    const title = await Promise.race([this.#started.promise, late.promise]);
    clearTimeout(timer);
    if (this.#isStopping) return;
    this.#hasStarted = true;
    if (title !== undefined) {
      log('info', `reading \`${this.source}\` events: ${title}`);
      return;
    }
    log('warning', `the source \`${this.source}\` takes long to open, and is read as soon as it is there`);
    this.#tellWhenStarted('at last');
  }

  /** Resolves when there will be no more events. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  get totals(): { readonly events: number; readonly matches: readonly RuleCount[] } {
    return { events: this.#events, matches: this.#matches };
  }

  use(setup: Setup): void {
    this.#setup = setup;
    this.#tell({ kind: 'reload', setup });
  }

  /** What it has counted; when it does not answer, what it had when it last did, which may be nothing. */
  async measure(): Promise<MeasuredThread> {
    const measurement = await this.#ask();
    this.#measured = measurement ?? this.#measured;
    return { isUp: measurement !== undefined, measurement: this.#measured };
  }

  async #ask(): Promise<FeedMeasurement | undefined> {
    if (this.#worker === undefined) return undefined;
    const id = ++this.#measureCount;
    const asked = Promise.withResolvers<FeedMeasurement>();
    this.#measures.set(id, asked);
    this.#tell({ kind: 'measure', id });
    const late = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => late.resolve(undefined), ANSWER_WITHIN_MS);
    try {
      return await Promise.race([asked.promise, late.promise]);
    } finally {
      clearTimeout(timer);
      this.#measures.delete(id);
    }
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#restart);
    if (this.#worker === undefined) this.#ended.resolve();
    this.#tell({ kind: 'stop' });
    const late = setTimeout(() => this.#ended.resolve(), STOP_WITHIN_MS);
    await this.#ended.promise;
    clearTimeout(late);
    await this.#worker?.terminate();
  }

  #open(): void {
    const { source, hostname, tellsStories } = this.#options;
    const start: FeedStart = { setup: this.#setup, source, hostname, tellsStories };
    limitNewSpace();
    letHeapGrow();
    const worker = new Worker(new URL('./feed-worker.ts', import.meta.url), {
      workerData: start,
      env: withCompiledCode(process.env),
    });
    this.#worker = worker;
    let fault: Fault | undefined;
    let isOver = false;
    worker.on('message', (message: FromFeed) => {
      if (message.kind === 'fault') {
        const { code, message: text, hint } = message;
        fault = new Fault(code, text, hint === undefined ? {} : { hint });
      } else if (message.kind === 'ended') {
        isOver = true;
        this.#events += message.events;
        this.#matches = addMatches(this.#matches, message.matches);
      } else this.#take(message, worker);
    });
    worker.on('error', (error) => {
      fault = new Fault('source-broken', `the source \`${source}\` broke down: ${error.message}`, {
        cause: error,
      });
    });
    worker.on('exit', () => {
      if (this.#worker === worker) this.#worker = undefined;
      if (isOver || this.#isStopping) this.#ended.resolve();
      else this.#broke(fault ?? new Fault('source-broken', `the source \`${source}\` ended without a word`));
    });
  }

  #take(message: Exclude<FromFeed, { kind: 'fault' | 'ended' }>, worker: Worker): void {
    const { log, deliver, source } = this.#options;
    switch (message.kind) {
      case 'started':
        this.#started.resolve(message.title);
        return;
      case 'alerts':
        // The thread that asked may have been replaced meanwhile, and then nobody waits.
        void deliver(message.alerts).then(() => {
          if (this.#worker === worker) this.#tell({ kind: 'delivered', batch: message.batch });
        });
        return;
      case 'execs':
        this.#options.onExecs(message.requests);
        return;
      case 'measured':
        this.#measures.get(message.id)?.resolve(message.measurement);
        return;
      case 'note':
        log(message.level, message.text);
        return;
      case 'bug':
        log('error', `an event of \`${source}\` was dropped: ${message.text}`);
        return;
    }
  }

  /** The first start fails for good; later ones are tried again. */
  #broke(fault: Fault): void {
    this.#started.reject(fault);
    if (!this.#hasStarted) return;
    const pauseMs = this.#pauseMs;
    this.#restart = setTimeout(() => {
      this.restartCount++;
      this.#started = Promise.withResolvers<string>();
      this.#tellWhenStarted('again');
      this.#open();
    }, pauseMs);
    this.#pauseMs = Math.min(pauseMs * 2, MOST_PAUSE_MS);
    this.#options.log('error', `${fault.message}; it is tried again in ${pauseMs / 1_000} s`);
  }

  #tellWhenStarted(how: 'again' | 'at last'): void {
    this.#started.promise.then(
      (title) => {
        this.#pauseMs = LEAST_PAUSE_MS;
        this.#options.log('info', `the source \`${this.source}\` is read ${how}: ${title}`);
      },
      () => {},
    );
  }

  #tell(message: ToFeed): void {
    this.#worker?.postMessage(message);
  }
}
