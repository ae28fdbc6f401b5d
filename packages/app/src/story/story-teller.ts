/**
 * Tells the story around alerts, for hubs that keep it: who the process is, what it did before, why the rule matched, and
 * some seconds later what came after. What goes wrong with a story is told of, and the alert goes out without it.
 */

import type { Alert, AlertStory, StoryContinuation } from '@peregrine/alert';
import type { CheckedRule } from '@peregrine/lang';
import type { EventContext, Thread } from '@peregrine/state';
import { fitStory } from './fit-story.ts';
import { FlightRecorder, type Watch } from './flight-recorder.ts';
import { happeningsOf } from './happenings.ts';
import { storyEventOf } from './record-text.ts';
import { storyTermOf, TellableConditions } from './story-condition.ts';
import { processesAround } from './story-processes.ts';
import { StoryRate } from './story-rate.ts';

export interface StorySettings {
  readonly enabled: boolean;
  readonly max_mb: number;
  readonly after_ms: number;
  readonly most_per_second: number;
  readonly repeat_after_s: number;
}

export interface StoryPort {
  /** What came after an alert. */
  readonly onContinuation: (continuation: StoryContinuation) => void;
  /** A bug met while a story was made; called once for each kind of error. */
  readonly onBug: (error: unknown) => void;
  /** Milliseconds on a clock that only goes forward. */
  readonly monotonicMs: () => number;
  /** Names stories of this teller apart from those of all others. */
  readonly id: string;
}

/** Stories whose end is awaited at once. */
const MOST_WATCHES = 32;
const MEGABYTE = 2 ** 20;
const HOST = 'host';

export class StoryTeller {
  readonly #settings: StorySettings;
  readonly #port: StoryPort;
  readonly #recorder: FlightRecorder;
  readonly #rate: StoryRate;
  readonly #awaited: { readonly key: string; readonly watch: Watch }[] = [];
  readonly #tellable = new TellableConditions();
  readonly #bugs = new Set<string>();
  #count = 0;

  constructor(settings: StorySettings, port: StoryPort) {
    this.#settings = settings;
    this.#port = port;
    const mostWatches = settings.after_ms > 0 ? MOST_WATCHES : 0;
    this.#recorder = new FlightRecorder({ maxBytes: settings.max_mb * MEGABYTE, mostWatches });
    this.#rate = new StoryRate({
      repeatAfterMs: settings.repeat_after_s * 1_000,
      mostPerSecond: settings.most_per_second,
    });
  }

  /** Every event that rules may see, before they do. HOT. */
  take(event: EventContext): void {
    this.#recorder.take(event);
  }

  /** The alert, with its story if it gets one. */
  told(alert: Alert, event: EventContext, rule: CheckedRule<EventContext>): Alert {
    const { thread } = event;
    if (thread === undefined) return alert;
    const chance = this.#rate.ask(rule.name, thread.pid, this.#port.monotonicMs());
    if (!chance.isGiven) return alert;
    try {
      const notes: string[] = [];
      if (chance.repeatCount > 0)
        notes.push(`${chance.repeatCount} alerts of this rule and process before it came without a story`);
      if (chance.crowdedCount > 0)
        notes.push(
          `${chance.crowdedCount} alerts before it came without a story: there were too many at once`,
        );
      return { ...alert, story: this.#storyOf(event, thread, rule, notes) };
    } catch (error) {
      this.#tellBug(error);
      return alert;
    }
  }

  #storyOf(
    event: EventContext,
    thread: Thread,
    rule: CheckedRule<EventContext>,
    notes: string[],
  ): AlertStory {
    const { view, tables } = event;
    const recorder = this.#recorder;
    const { containerId } = thread;
    const isContained = containerId !== '' && containerId !== HOST;
    const isTellable = this.#tellable.has(rule.condition);
    if (!isTellable) notes.push('the condition is too long to be told');
    const happenings = happeningsOf({
      view,
      pid: thread.pid,
      own: recorder.ofProcess(thread.process),
      others: isContained ? recorder.ofContainer(containerId) : recorder.ofSession(thread),
    });
    const key = `${this.#port.id}-${++this.#count}`;
    const { after_ms: afterMs } = this.#settings;
    if (afterMs > 0) {
      const watch = recorder.openWatch(thread, view.timestampApproxNs() + afterMs * 1e6);
      if (watch === undefined) notes.push('what came after it is not told: too many stories are awaited');
      else this.#awaited.push({ key, watch });
    }
    return fitStory({
      key,
      ...processesAround(thread, tables),
      ...happenings,
      ...(isTellable ? { condition: storyTermOf(rule.condition, event) } : {}),
      ...(notes.length === 0 ? {} : { note: notes.join('; ') }),
    });
  }

  /** Now and then: tells what came after alerts whose time is over. `nowNs`: of the clock that events have. */
  care(nowNs: number): void {
    for (
      let next = this.#awaited[0];
      next !== undefined && next.watch.endNs <= nowNs;
      next = this.#awaited[0]
    )
      this.#end();
  }

  /** Tells what came after alerts until now. */
  close(): void {
    while (this.#awaited.length > 0) this.#end();
  }

  /** The oldest of those that are awaited. */
  #end(): void {
    const first = this.#awaited.shift();
    if (first === undefined) return;
    try {
      const after = this.#recorder.closeWatch(first.watch, (places) => places.map(storyEventOf));
      if (after.length > 0) this.#port.onContinuation({ key: first.key, after });
    } catch (error) {
      this.#tellBug(error);
    }
  }

  #tellBug(error: unknown): void {
    const kind = String(error);
    if (this.#bugs.has(kind) || this.#bugs.size > 100) return;
    this.#bugs.add(kind);
    this.#port.onBug(error);
  }
}
