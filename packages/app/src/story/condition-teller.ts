/**
 * What there is to tell of alerts of documents (audit logs): why the rule matched. There are no processes in them, and nothing
 * is remembered.
 */

import { randomUUID } from 'node:crypto';
import type { Alert } from '@peregrine/alert';
import type { CheckedRule } from '@peregrine/lang';
import { fitStory } from './fit-story.ts';
import { storyTermOf, TellableConditions } from './story-condition.ts';
import { StoryRate } from './story-rate.ts';
import type { StorySettings } from './story-teller.ts';

export interface ConditionTellerPort {
  /** A bug met while a condition was told. */
  readonly onBug: (error: unknown) => void;
  /** Milliseconds on a clock that only goes forward. */
  readonly monotonicMs: () => number;
}

export class ConditionTeller<E> {
  readonly #port: ConditionTellerPort;
  readonly #id = randomUUID();
  readonly #tellable = new TellableConditions();
  #rate: StoryRate | undefined;
  #isBroken = false;
  #count = 0;

  constructor(settings: StorySettings, port: ConditionTellerPort) {
    this.#port = port;
    this.use(settings);
  }

  /** From now on. */
  use({ enabled, most_per_second: mostPerSecond }: StorySettings): void {
    // Each document is about somebody else: no process makes alerts of the same rule over and over.
    this.#rate = enabled ? new StoryRate({ repeatAfterMs: 0, mostPerSecond }) : undefined;
  }

  /** The alert, with its story if it gets one. */
  told(alert: Alert, event: E, { name, condition }: CheckedRule<E>): Alert {
    if (!this.#tellable.has(condition)) return alert;
    const chance = this.#rate?.ask(name, 0, this.#port.monotonicMs());
    if (chance?.isGiven !== true) return alert;
    try {
      const told = storyTermOf(condition, event);
      const key = `${this.#id}-${++this.#count}`;
      const nothing = { ancestors: [], siblings: [], children: [], before: [], after: [] };
      return { ...alert, story: fitStory({ key, ...nothing, condition: told }) };
    } catch (error) {
      if (!this.#isBroken) this.#port.onBug(error);
      this.#isBroken = true;
      return alert;
    }
  }
}
