/** The teller of stories as the configuration has it, through reloads: none where nobody keeps stories. */

import { randomUUID } from 'node:crypto';
import type { Alert, StoryContinuation } from '@peregrine/alert';
import type { CheckedRule } from '@peregrine/lang';
import type { EventContext } from '@peregrine/state';
import type { Config } from '../config/config.ts';
import { type StoryPort, StoryTeller } from './story-teller.ts';

export class StorySwitch {
  readonly #port: Pick<StoryPort, 'onBug'>;
  /** Made at the start, when everything is allowed still. */
  readonly #id = randomUUID();
  #tellerCount = 0;
  #teller: StoryTeller | undefined;
  #settings = '';
  #continuations: StoryContinuation[] = [];

  constructor(port: Pick<StoryPort, 'onBug'>) {
    this.#port = port;
  }

  /** What is remembered stays unless the settings differ. */
  use(settings: Config['story']): void {
    const written = JSON.stringify(settings);
    if (written === this.#settings) return;
    this.close();
    this.#settings = written;
    this.#teller = settings.enabled
      ? new StoryTeller(settings, {
          onContinuation: (continuation) => this.#continuations.push(continuation),
          onBug: this.#port.onBug,
          monotonicMs: () => performance.now(),
          id: `${this.#id}-${++this.#tellerCount}`,
        })
      : undefined;
  }

  /** HOT: runs for every event that rules may see. */
  take(event: EventContext): void {
    this.#teller?.take(event);
  }

  told(alert: Alert, event: EventContext, rule: CheckedRule<EventContext>): Alert {
    return this.#teller === undefined ? alert : this.#teller.told(alert, event, rule);
  }

  care(nowMs: number): void {
    this.#teller?.care(nowMs * 1e6);
  }

  /** What is to be told of earlier alerts; each once. */
  takeContinuations(): readonly StoryContinuation[] {
    const taken = this.#continuations;
    if (taken.length > 0) this.#continuations = [];
    return taken;
  }

  close(): void {
    this.#teller?.close();
  }
}
