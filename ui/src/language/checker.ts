/** Checks rules in a thread of its own: the latest text only, whatever comes in between. */

import type { LanguageFacts } from '@peregrine/api/contract';
import type { CheckAnswer, CheckRequest, RulesText } from './messages.ts';

export class RulesChecker {
  readonly #worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  readonly #onChecked: (answer: CheckAnswer) => void;
  #facts: LanguageFacts | undefined;
  #lastId = 0;
  #isBusy = false;
  #waiting: readonly RulesText[] | undefined;

  /** `onFailed`: nothing is checked any more. */
  constructor(facts: LanguageFacts, onChecked: (answer: CheckAnswer) => void, onFailed: () => void) {
    this.#facts = facts;
    this.#onChecked = onChecked;
    this.#worker.addEventListener('message', ({ data }: MessageEvent<CheckAnswer>) => this.#take(data));
    this.#worker.addEventListener('error', onFailed);
  }

  check(files: readonly RulesText[]): void {
    if (this.#isBusy) {
      this.#waiting = files;
      return;
    }
    this.#isBusy = true;
    const facts = this.#facts;
    this.#facts = undefined;
    const request: CheckRequest = { id: ++this.#lastId, files, ...(facts === undefined ? {} : { facts }) };
    this.#worker.postMessage(request);
  }

  close(): void {
    this.#worker.terminate();
  }

  #take(answer: CheckAnswer): void {
    this.#isBusy = false;
    const next = this.#waiting;
    this.#waiting = undefined;
    if (next !== undefined) this.check(next);
    else this.#onChecked(answer);
  }
}
