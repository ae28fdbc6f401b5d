/**
 * The tables and the pipeline that keeps them: each event is taken in here first, then handed to rules.
 * HOT: `apply` runs for every event that state or rules want; it allocates only for what the tables keep.
 */

import { EVENT_CODE_COUNT, type EventType, type EventView, eventRoster, viewFlag } from '@peregrine/events';
import { AbandonedContainers } from './abandoned-containers.ts';
import type { StateCounters } from './counters.ts';
import { CurrentEvent, type EventContext, NO_FD, NO_NEW_FD } from './event-context.ts';
import { createEventFacts, createFdParams, eventFact } from './event-facts.ts';
import type { SessionOrigin } from './exec-session.ts';
import { defaultLimits, type StateLimits, type StateOptions, stateNeeds } from './options.ts';
import { Purge, type PurgeOptions } from './purge.ts';
import { RecordSink } from './record-sink.ts';
import { type Snapshot, snapshotOf } from './snapshot.ts';
import type { StateSink } from './state-sink.ts';
import { TableView } from './table-view.ts';
import type { Container, Tables } from './tables.ts';
import type { Thread } from './thread.ts';
import { transitionRoster } from './transitions/roster.ts';
import type { ThreadlessTransition, Transition } from './transitions/transition.ts';
import { World } from './world.ts';

const HIGH_WORD = 4_294_967_296;

export class StateEngine {
  readonly limits: StateLimits;
  /** Where a source puts what it knows besides events. */
  readonly sink: StateSink;
  /** What fields read. */
  readonly tables: Tables;
  readonly #world: World;
  readonly #event: CurrentEvent;
  readonly #facts: Uint8Array = createEventFacts();
  readonly #fdParams: Int8Array = createFdParams();
  readonly #transitions = new Array<Transition | undefined>(EVENT_CODE_COUNT).fill(undefined);
  readonly #threadless = new Array<ThreadlessTransition | undefined>(EVENT_CODE_COUNT).fill(undefined);
  readonly #wanted: Uint8Array = new Uint8Array(EVENT_CODE_COUNT);
  readonly #purge: Purge;
  readonly #abandoned: AbandonedContainers;
  #keepsTime = false;
  #num = 0;
  #latestLow = 0;
  #latestHigh = 0;
  #hasLatest = false;

  constructor(options: StateOptions = {}) {
    this.limits = { ...defaultLimits, ...options.limits };
    const needs = options.needs ?? new Set<string>(stateNeeds);
    this.#world = new World(this.limits, needs, options);
    this.tables = new TableView(this.#world);
    this.#event = new CurrentEvent(this.tables);
    this.#purge = new Purge(this.#world);
    this.#abandoned = new AbandonedContainers(this.#world);
    this.sink = new RecordSink(this.#world, () => this.#forget());
    this.keep(needs);
  }

  /** Names from `stateNeeds` that are kept current from now on, and no others. What the tables hold stays. */
  keep(needs: ReadonlySet<string>): void {
    if (needs.has('time') !== this.#keepsTime) this.#hasLatest = false;
    this.#keepsTime = needs.has('time');
    this.#world.keep(needs);
    this.#transitions.fill(undefined);
    this.#threadless.fill(undefined);
    for (const family of transitionRoster) {
      if (family.onlyFor !== undefined && !family.onlyFor.some((need) => needs.has(need))) continue;
      for (const [code, transition] of Object.entries(family.transitions ?? {}))
        this.#transitions[Number(code)] = transition;
      for (const [code, transition] of Object.entries(family.threadless ?? {}))
        this.#threadless[Number(code)] = transition;
    }
    for (let code = 0; code < EVENT_CODE_COUNT; code++) {
      const isWanted =
        this.#keepsTime || this.#transitions[code] !== undefined || this.#threadless[code] !== undefined;
      this.#wanted[code] = Number(isWanted);
    }
  }

  /** 1 for each event code that changes state: events of other codes need not be applied, if rules do not want them. */
  wantedCodes(): Uint8Array {
    return this.#wanted;
  }

  /** Counts events that were not applied. */
  skip(count: number): void {
    this.#num += count;
  }

  /**
   * Takes an event in. What it returns is good until the next call. `undefined`: the event concerns state only, and
   * rules are not to see it.
   */
  apply(view: EventView): EventContext | undefined {
    const world = this.#world;
    const event = this.#event;
    const code = view.code;
    this.#num++;
    if (view.num !== 0) this.#num = view.num;
    event.num = this.#num;
    if (this.#keepsTime) this.#tick(view, event);
    if (world.leavingThread !== undefined || world.closingProcess !== undefined) world.finishRemovals();
    if (code >= EVENT_CODE_COUNT) return undefined;

    const facts = this.#facts[code] as number; // Below EVENT_CODE_COUNT, which is the array's length.
    event.view = view;
    event.type = eventRoster[code] as EventType; // The same.
    event.fd = undefined;
    event.fdNum = (facts & eventFact.createsFd) !== 0 ? NO_NEW_FD : NO_FD;
    event.isFdNameChanged = false;
    event.enterPath = undefined;
    event.enterOpenFlags = undefined;
    event.enterMode = undefined;

    let thread: Thread | undefined;
    if ((facts & eventFact.hasThread) !== 0) {
      const tid = view.tid();
      thread = (facts & eventFact.looksUpThread) !== 0 ? world.threadOrFake(tid) : world.threads.find(tid);
      if (thread !== undefined && (facts & eventFact.usesFd) !== 0) {
        const number = view.i32(this.#fdParams[code] as number); // The same.
        event.fdNum = number;
        event.fd = world.fdOf(thread, number);
      }
    }
    event.thread = thread;

    if (thread !== undefined) {
      thread.lastAccessSeconds = world.nowSeconds;
      const transition = this.#transitions[code];
      if (transition !== undefined) transition(world, event, view, thread);
    }
    const threadless = this.#threadless[code];
    if (threadless !== undefined) threadless(world, event, view);

    if ((facts & eventFact.delivered) === 0 || (view.flags & viewFlag.stateOnly) !== 0) return undefined;
    return event;
  }

  #forget(): void {
    this.#purge.forget();
    this.#hasLatest = false;
    this.#event.thread = undefined;
    this.#event.fd = undefined;
  }

  #tick(view: EventView, event: CurrentEvent): void {
    const low = view.timestampLow();
    const high = view.timestampHigh();
    if (this.#hasLatest) {
      event.deltaNs = (high - this.#latestHigh) * HIGH_WORD + (low - this.#latestLow);
    } else {
      event.deltaNs = 0;
      event.firstTsLow = low;
      event.firstTsHigh = high;
      this.#hasLatest = true;
    }
    this.#latestLow = low;
    this.#latestHigh = high;
  }

  /** All that the tables hold, as a source would tell it. Good until the next event. */
  snapshot(): Snapshot {
    return snapshotOf(this.#world);
  }

  /** Event number of the latest event; counts those that were skipped. */
  get eventCount(): number {
    return this.#num;
  }

  /**
   * Live only, now and then: removes made-up threads, and idle ones that are gone. A bounded number of entries is
   * looked at per call; returns how many were removed.
   */
  purge(options: PurgeOptions): number {
    return this.#purge.run(options);
  }

  /**
   * Live only, now and then: containers that no thread is in, and that were in the list before as well. Containers whose
   * end no event tells of (those that share a pid namespace) go this way.
   */
  abandonedContainers(): readonly Container[] {
    return this.#abandoned.look();
  }

  /** Whether any thread is in the container. Walks all threads. */
  isInhabited(containerId: string): boolean {
    return this.#abandoned.isInhabited(containerId);
  }

  /** Who is attached to a container's own processes; `undefined`: nobody any more. */
  setAttachment(containerId: string, origin: SessionOrigin | undefined): void {
    if (origin === undefined) this.#world.attachments.delete(containerId);
    else this.#world.attachments.set(containerId, origin);
  }

  /** Event time for `purge`, seconds since the epoch: set it once per batch of events. */
  setTime(seconds: number): void {
    this.#world.nowSeconds = seconds;
  }

  /** Open descriptors that are known of all processes. Counted anew each time. */
  fdCount(): number {
    let count = 0;
    for (const process of this.#world.threads.processes()) count += process.fds.size;
    return count;
  }

  get counters(): Readonly<StateCounters> {
    return this.#world.counters;
  }
}
