/**
 * Containers in the sensor's thread: those that events tell of are asked about, alerts on them held until the answer is
 * there, and the answer enters the tables as an event, as recordings have it. HOT: `hasNews` is looked at after every
 * event.
 */

import type { Engine } from '@peregrine/engine';
import { type EventView, encodeView, TextInterner } from '@peregrine/events';
import { type Container, containerEvent, type StateEngine, type StateOptions } from '@peregrine/state';
import type { ContainerAnswers } from './container-watch.ts';

/** How often containers whose end nobody saw are looked for. */
const SWEEP_MS = 30_000;
/** How many of them go at a time. */
const MOST_SWEPT = 1_024;
/** How often it is told that alerts went out without what they waited for. */
const TOLD_EVERY_MS = 60_000;

export interface FollowerOptions {
  /** Takes events that tell of containers, as it takes those of the kernel. */
  readonly emit: (view: EventView) => void;
  readonly ask: (containers: readonly Container[]) => void;
  readonly forget: (containers: readonly Container[]) => void;
  readonly warn: (text: string) => void;
  /** Milliseconds on a clock that only goes forward. */
  readonly now?: () => number;
}

export class ContainerFollower {
  readonly #options: FollowerOptions;
  readonly #now: () => number;
  readonly #interner = new TextInterner();
  #engine: Engine | undefined;
  #state: StateEngine | undefined;
  #met: Container[] = [];
  #ended: string[] = [];
  #gone: Container[] = [];
  /** Ended while they were awaited: what is known of them may come yet. */
  readonly #endedEarly = new Set<string>();
  #nextSweepMs = 0;
  #nextTellMs = 0;
  #toldWithout = 0;
  /** There is something for `catchUp`. */
  hasNews = false;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** What the tables are to call. */
  readonly hooks: Required<Pick<StateOptions, 'onContainer' | 'onContainerEnd'>> = {
    onContainer: (container) => {
      this.#engine?.await(container.id, this.#now());
      this.#met.push(container);
    },
    onContainerEnd: (id) => {
      this.#ended.push(id);
      this.hasNews = true;
    },
  };

  /** Tables and rules from now on; without rules, nothing waits. */
  follow({ engine, state }: { readonly engine?: Engine; readonly state: StateEngine }): void {
    this.#endedEarly.clear();
    this.#engine = engine;
    this.#state = state;
  }

  /** After an event that has news: containers that ended go before the next event, which may be of their successor. */
  catchUp(): void {
    this.hasNews = false;
    const ended = this.#ended;
    this.#ended = [];
    for (const id of ended) {
      if (this.#isAwaited(id)) this.#endedEarly.add(id);
      else this.#remove(id);
    }
  }

  #isAwaited(id: string): boolean {
    if (this.#engine !== undefined) return this.#engine.isAwaiting(id);
    const container = this.#state?.tables.container(id);
    return container !== undefined && container.metadata === undefined;
  }

  /** After some events. */
  afterTurn(): void {
    if (this.#met.length > 0) {
      this.#options.ask(this.#met);
      this.#met = [];
    }
    if (this.#gone.length > 0) {
      this.#options.forget(this.#gone);
      this.#gone = [];
    }
    for (const id of this.#engine?.settleOverdue(this.#now()) ?? []) this.#endLate(id);
  }

  take({ known, unknown }: ContainerAnswers): void {
    for (const container of known) {
      // It may be gone by now.
      if (this.#state?.tables.container(container.id) === undefined) continue;
      this.#tell(container, 'added');
      this.#endLate(container.id);
    }
    for (const id of unknown) {
      this.#engine?.settle(id);
      this.#endLate(id);
    }
  }

  /** A container that was awaited is so no longer; it may have ended meanwhile, or even have begun anew. */
  #endLate(id: string): void {
    if (this.#endedEarly.delete(id) && this.#state?.isInhabited(id) === false) this.#remove(id);
  }

  /** Now and then. */
  care(): void {
    const nowMs = this.#now();
    if (nowMs >= this.#nextSweepMs) {
      this.#nextSweepMs = nowMs + SWEEP_MS;
      for (const { id } of (this.#state?.abandonedContainers() ?? []).slice(0, MOST_SWEPT)) this.#remove(id);
    }
    const { overdue = 0, crowdedOut = 0 } = this.#engine?.waitingCounters ?? {};
    const without = overdue + crowdedOut;
    if (without < this.#toldWithout) this.#toldWithout = 0;
    if (without === this.#toldWithout || nowMs < this.#nextTellMs) return;
    this.#nextTellMs = nowMs + TOLD_EVERY_MS;
    const count = without - this.#toldWithout;
    this.#toldWithout = without;
    this.#options.warn(
      `${count} events of new containers went on without what container runtimes know of them: no answer came in time`,
    );
  }

  #remove(id: string): void {
    const container = this.#state?.tables.container(id);
    if (container === undefined) return;
    this.#tell(container, 'removed');
    this.#gone.push(container);
  }

  #tell(container: Container, change: 'added' | 'removed'): void {
    const timestampNs = BigInt(Date.now()) * 1_000_000n;
    this.#options.emit(encodeView(containerEvent(container, change, timestampNs), this.#interner));
  }
}
