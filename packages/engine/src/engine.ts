/**
 * Kernel events in, alerts out: state first, then the rules that want the event's code. Events of a container whose
 * metadata are awaited go another, slower way: what they match is held until the metadata are there.
 * HOT: `process` runs for every event that state or rules want. It allocates only for an alert, and for events of
 * containers that are awaited.
 */

import type { Alert } from '@peregrine/alert';
import type { EventView } from '@peregrine/events';
import type { CheckedRule } from '@peregrine/lang';
import { type EventContext, keepEvent, type StateEngine } from '@peregrine/state';
import { BugReports } from './bug-reports.ts';
import type { Candidate } from './partial-rules.ts';
import type { Ruleset } from './ruleset.ts';
import { type HoldLimits, type WaitingCounters, WaitingLine } from './waiting-line.ts';

/** More rules than this never match one event; the rest of a match is not reported. */
const MOST_HITS = 4_096;
/** Code of events that tell of containers. */
const ASYNC = 402;

/** Sees every event before and after it is worked on, whether or not rules are to see it. */
export interface EventTap {
  before(view: EventView): void;
  after(): void;
}

export interface EngineOptions {
  readonly state: StateEngine;
  readonly ruleset: Ruleset<EventContext>;
  readonly hostname: string;
  /** The event is the alert's own, good only during the call; one that was held is as it was kept. */
  readonly onAlert: (alert: Alert, event: EventContext, rule: CheckedRule<EventContext>) => void;
  /** A bug met while an event was worked on; called once for each kind of error. The event is dropped. */
  readonly onBug: (error: unknown) => void;
  /** Sees each event before the rules do; what it is given is good only during the call. */
  readonly onEvent?: ((event: EventContext) => void) | undefined;
  /** For how long, and for how many events, metadata of containers are waited for; not at all unless stated. */
  readonly hold?: HoldLimits | undefined;
  /** The same for who had a command run in a container. */
  readonly sessionHold?: HoldLimits | undefined;
}

/** An event of a container that is awaited, and what is to become of it. */
interface HeldEvent {
  readonly kept: EventContext;
  readonly ruleset: Ruleset<EventContext>;
  readonly candidates: readonly Candidate<EventContext>[];
  /** By index in `candidates`. */
  readonly finishers: readonly ((kept: EventContext) => Alert)[];
}

const NO_HOLD: HoldLimits = { mostMs: 0, capacity: 0 };

export class Engine {
  readonly #state: StateEngine;
  readonly #hostname: string;
  readonly #onAlert: EngineOptions['onAlert'];
  readonly #bugs: BugReports;
  readonly #onEvent: ((event: EventContext) => void) | undefined;
  readonly #hits = new Int32Array(MOST_HITS);
  /** By container. */
  readonly #waiting: WaitingLine<HeldEvent>;
  /** By session: see `ExecSession`. */
  readonly #sessions: WaitingLine<HeldEvent>;
  /** Nobody unless set. */
  tap: EventTap | undefined = undefined;
  #ruleset: Ruleset<EventContext>;
  #ruleMatches: Float64Array;

  /** Events that went through state and rules. */
  processedCount = 0;
  alertCount = 0;

  constructor(options: EngineOptions) {
    this.#state = options.state;
    this.#ruleset = options.ruleset;
    this.#ruleMatches = new Float64Array(options.ruleset.rules.length);
    this.#hostname = options.hostname;
    this.#onAlert = options.onAlert;
    this.#bugs = new BugReports(options.onBug);
    this.#onEvent = options.onEvent;
    this.#waiting = new WaitingLine(options.hold ?? NO_HOLD);
    this.#sessions = new WaitingLine(options.sessionHold ?? NO_HOLD);
  }

  /** Events dropped because of a bug. */
  get bugCount(): number {
    return this.#bugs.count;
  }

  process(view: EventView): void {
    if (this.tap === undefined) {
      this.#work(view);
      return;
    }
    this.tap.before(view);
    this.#work(view);
    this.tap?.after();
  }

  #work(view: EventView): void {
    this.processedCount++;
    try {
      const event = this.#state.apply(view);
      if (event === undefined) return;
      if (this.#onEvent !== undefined) this.#onEvent(event);
      if ((this.#waiting.size > 0 || this.#sessions.size > 0) && this.#isHeld(event)) return;
      const matcher = this.#ruleset.matchers[view.code];
      if (matcher === undefined) return;
      const count = matcher(event, this.#hits);
      if (count > 0) this.#alert(event, count);
    } catch (error) {
      this.#bugs.add(error);
    }
  }

  /** Holds what events of the container match, from now until `settle`, or until time is up. */
  await(containerId: string, nowMs: number): void {
    this.#waiting.begin(containerId, nowMs);
  }

  isAwaiting(containerId: string): boolean {
    return this.#waiting.has(containerId);
  }

  /** No more will be told of the container: what was held goes out. */
  settle(containerId: string): void {
    for (const held of this.#waiting.take(containerId)) {
      const session = held.kept.thread?.execSession;
      if (session !== undefined && this.#sessions.has(session.key))
        this.#line(this.#sessions, session.key, held);
      else this.#release(held);
    }
  }

  /** Holds what events of the session match, from now until `settleSession`, or until time is up. */
  awaitSession(key: string, nowMs: number): void {
    this.#sessions.begin(key, nowMs);
  }

  settleSession(key: string): void {
    for (const held of this.#sessions.take(key)) this.#release(held);
  }

  /** Lets go of what was held for too long. Gives the containers that are no longer awaited. */
  settleOverdue(nowMs: number): readonly string[] {
    if (this.#waiting.size === 0) return [];
    const ids = this.#waiting.overdue(nowMs);
    for (const id of ids) this.settle(id);
    return ids;
  }

  /** At the end: what is held goes out as it is. */
  settleAll(): void {
    for (const id of this.#waiting.all()) this.settle(id);
    for (const key of this.#sessions.all()) this.settleSession(key);
  }

  set hold(limits: HoldLimits) {
    this.#waiting.limits = limits;
  }

  set sessionHold(limits: HoldLimits) {
    this.#sessions.limits = limits;
  }

  /** The same as `waitingCounters`, for sessions. */
  get sessionCounters(): Readonly<WaitingCounters> {
    return this.#sessions.counters;
  }

  /** Containers that are awaited, and events that wait, at present. */
  get awaitedCount(): number {
    return this.#waiting.size;
  }

  get waitingCount(): number {
    return this.#waiting.entryCount;
  }

  /** How many events waited for metadata, and what came of it. */
  get waitingCounters(): Readonly<WaitingCounters> {
    return this.#waiting.counters;
  }

  /** Rules from now on; state stays. Counts of matches start anew. */
  replaceRuleset(ruleset: Ruleset<EventContext>): void {
    this.#ruleset = ruleset;
    this.#ruleMatches = new Float64Array(ruleset.rules.length);
  }

  /** 1 for each event code that state or rules want; the others need not be handed to `process`. */
  wantedCodes(): Uint8Array {
    const wanted = this.#state.wantedCodes().slice();
    for (const [code, matcher] of this.#ruleset.matchers.entries())
      if (matcher !== undefined) wanted[code] = 1;
    return wanted;
  }

  /** Matches by rule, in order of definition; rules that never matched are left out. */
  matches(): readonly { readonly rule: string; readonly priority: number; readonly count: number }[] {
    return this.#ruleset.rules
      .map((rule, i) => ({ rule: rule.name, priority: rule.priority, count: this.#ruleMatches[i] ?? 0 }))
      .filter((entry) => entry.count > 0);
  }

  #alert(event: EventContext, count: number): void {
    const timeNs = event.view.timestampNs();
    for (let i = 0; i < count; i++) this.#raise(event, this.#hits[i] ?? 0, timeNs);
  }

  #raise(event: EventContext, position: number, timeNs: bigint): void {
    const build = this.#ruleset.builders[position];
    const rule = this.#ruleset.rules[position];
    if (build === undefined || rule === undefined) return;
    this.#ruleMatches[position] = (this.#ruleMatches[position] ?? 0) + 1;
    this.alertCount++;
    this.#onAlert(build(event, timeNs, this.#hostname), event, rule);
  }

  /** Takes the event in when its container is awaited. An event that tells of a container ends the wait for it. */
  #isHeld(event: EventContext): boolean {
    const { thread } = event;
    if (thread === undefined) {
      if (event.view.code === ASYNC && event.container !== undefined) this.settle(event.container.id);
      return false;
    }
    const { execSession } = thread;
    if (this.#waiting.has(thread.containerId)) this.#hold(event, this.#waiting, thread.containerId);
    else if (execSession !== undefined && this.#sessions.has(execSession.key))
      this.#hold(event, this.#sessions, execSession.key);
    else return false;
    return true;
  }

  #hold(event: EventContext, line: WaitingLine<HeldEvent>, key: string): void {
    const ruleset = this.#ruleset;
    const candidates = ruleset.partial.candidatesFor(event);
    if (candidates.length === 0) return;
    // What needs nothing that is waited for goes out at once, unless something of the same line is before it.
    const isOpen = candidates.some(({ verdict, rule }) => verdict !== true || rule.isOutputOpen);
    const timeNs = event.view.timestampNs();
    if (!isOpen && line.isEmpty(key)) {
      for (const { position } of candidates) this.#raise(event, position, timeNs);
      return;
    }
    const finishers = candidates.map(({ rule }) => rule.draft(event, timeNs, this.#hostname));
    const held = { kept: keepEvent(event), ruleset, candidates, finishers };
    this.#line(line, key, held);
  }

  #line(line: WaitingLine<HeldEvent>, key: string, held: HeldEvent): void {
    for (const crowdedOut of line.push(key, held)) this.#release(crowdedOut);
  }

  #release({ kept, ruleset, candidates, finishers }: HeldEvent): void {
    try {
      for (const candidate of ruleset.partial.matchesAmong(candidates, kept)) {
        const finish = finishers[candidates.indexOf(candidate)];
        const rule = ruleset.rules[candidate.position];
        if (finish === undefined || rule === undefined) continue;
        this.#count(ruleset, candidate.position);
        this.#onAlert(finish(kept), kept, rule);
      }
    } catch (error) {
      this.#bugs.add(error);
    }
  }

  #count(ruleset: Ruleset<EventContext>, position: number): void {
    this.alertCount++;
    // A rule of an earlier ruleset has been counted up already; its late matches go with the present rule of its name.
    const name = ruleset.rules[position]?.name;
    const at =
      ruleset === this.#ruleset ? position : this.#ruleset.rules.findIndex((rule) => rule.name === name);
    if (at >= 0) this.#ruleMatches[at] = (this.#ruleMatches[at] ?? 0) + 1;
  }
}
