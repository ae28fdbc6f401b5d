/** Responses under way: so many at once, the others in their order; each change of a step is written down and told. */

import type { Ledger } from './ledger.ts';
import type { Response, ResponseStep, StepOutcome } from './response.ts';
import { publicOf, type RunRecord, type RunState, type StoredRun } from './run-record.ts';
import type { ResponderSettings } from './settings.ts';

export interface ProgressOptions {
  readonly settings: Pick<ResponderSettings, 'mostRunning' | 'mostWaiting'>;
  readonly ledger: Ledger;
  readonly nowMs: () => number;
  readonly log: (level: 'error', message: string) => void;
  /** Never rejects. */
  readonly runStep: (response: Response, step: ResponseStep) => Promise<StepOutcome>;
  /** All steps are over. */
  readonly onEnded: (response: Response) => void;
}

interface Waiting {
  readonly response: Response;
  readonly from: number;
}

export class Progress {
  readonly #options: ProgressOptions;
  readonly #waiting: Waiting[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #listeners = new Set<(run: RunRecord) => void>();

  /** Decisions that are over, by what was to be done and how they ended. */
  readonly endedCount = new Map<
    string,
    { readonly actionner: string; readonly state: RunState; count: number }
  >();

  constructor(options: ProgressOptions) {
    this.#options = options;
  }

  get waitingCount(): number {
    return this.#waiting.length;
  }

  get runningCount(): number {
    return this.#running.size;
  }

  /** Called at each change of a run, until the function that it gives is called. */
  onChange(listener: (run: RunRecord) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Runs the steps from that one on, now or when it is its turn. */
  start(response: Response, from: number): void {
    const { mostRunning, mostWaiting } = this.#options.settings;
    if (this.#running.size < mostRunning) this.#run({ response, from });
    else if (this.#waiting.length < mostWaiting) this.#waiting.push({ response, from });
    else this.endAll(response, from, 'held', `more than ${mostWaiting} responses wait for their turn`);
  }

  /** Steps that have not begun, from that one on. */
  endAll(response: Response, from: number, state: RunState, summary: string): void {
    const endedMs = this.#options.nowMs();
    for (const step of response.steps.slice(from))
      if (step.run.state === 'queued') this.change(step, { state, summary, endedMs });
    this.#options.onEnded(response);
  }

  change(step: ResponseStep, change: Partial<StoredRun>): void {
    step.run = { ...step.run, ...change };
    this.#options.ledger.update(step.run.id, change);
    this.tell(step.run);
  }

  /** For runs that were changed in the ledger. */
  tell(stored: StoredRun): RunRecord {
    const run = publicOf(stored);
    const { state, actionner } = run;
    if (isOver(state)) {
      const key = `${actionner}\n${state}`;
      const known = this.endedCount.get(key);
      if (known === undefined) this.endedCount.set(key, { actionner, state, count: 1 });
      else known.count++;
    }
    for (const listener of this.#listeners) listener(run);
    return run;
  }

  /** Counts work of another kind, which is waited for when the program stops. */
  track(work: Promise<void>): void {
    const tracked = work.finally(() => this.#running.delete(tracked));
    this.#running.add(tracked);
  }

  /** Begins nothing more. */
  forget(): void {
    this.#waiting.length = 0;
  }

  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #run({ response, from }: Waiting): void {
    const work = this.#runSteps(response, from)
      .catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        this.#options.log('error', `the response \`${response.rule.name}\` broke: ${reason}`);
      })
      .finally(() => {
        this.#running.delete(work);
        const next = this.#waiting.shift();
        if (next !== undefined) this.#run(next);
      });
    this.#running.add(work);
  }

  async #runSteps(response: Response, from: number): Promise<void> {
    for (const step of response.steps.slice(from)) {
      const next = await this.#options.runStep(response, step);
      if (next === 'pause') return;
      if (next === 'next') continue;
      this.endAll(response, step.index + 1, 'skipped', `\`${step.step.name}\` ended the response`);
      break;
    }
    this.#options.onEnded(response);
  }
}

export function isOver(state: RunState): boolean {
  return state !== 'queued' && state !== 'begun' && state !== 'waiting';
}
