/** What the log says of an output's work. Many lines that say the same are one. */

import type { DeliveryEvent } from '@peregrine/outputs/hub';
import type { HubLog, HubLogLevel } from './hub-log.ts';

/** Lines of one output in a second; what is more is counted. */
const MOST_LINES = 20;
const WINDOW_MS = 1_000;

export class DeliveryLog {
  readonly #title: string;
  readonly #log: HubLog;
  readonly #monotonicMs: () => number;
  #windowStartMs = Number.NEGATIVE_INFINITY;
  #lineCount = 0;
  #leftOutCount = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(title: string, log: HubLog, monotonicMs: () => number) {
    this.#title = title;
    this.#log = log;
    this.#monotonicMs = monotonicMs;
  }

  note(event: DeliveryEvent): void {
    switch (event.kind) {
      case 'delivered':
        for (const note of event.notes) this.say('info', note);
        return;
      case 'failed': {
        const pause = `${(event.pauseMs / 1_000).toFixed(1)} s`;
        this.say('error', `${event.reason}; attempt ${event.attempt}, the next one in ${pause}`);
        return;
      }
      case 'given-up':
        this.say(
          'error',
          `${event.reason}; the alert ${event.alert.uuid} of rule \`${event.alert.rule}\` is a dead letter`,
        );
        return;
      case 'trouble':
        this.say('error', event.reason);
        return;
      case 'skipped':
        return;
    }
  }

  say(level: HubLogLevel, text: string): void {
    const now = this.#monotonicMs();
    if (now - this.#windowStartMs > WINDOW_MS) {
      this.flush();
      this.#windowStartMs = now;
      this.#lineCount = 0;
    }
    if (++this.#lineCount <= MOST_LINES) {
      this.#log(level, `${this.#title} - ${text}`);
      return;
    }
    this.#leftOutCount++;
    this.#timer ??= setTimeout(() => this.flush(), WINDOW_MS).unref();
  }

  /** Says how much was not said. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#leftOutCount === 0) return;
    this.#log('info', `${this.#title} - ${this.#leftOutCount} more lines are left out`);
    this.#leftOutCount = 0;
  }
}
