/** Tells outputs, and Kubernetes, of runs. What cannot be told is counted and logged, and holds up nothing. */

import type { RunRecord } from '@peregrine/actions';
import type { HubAlert } from '@peregrine/alert';
import type { HubLog } from '../hub/hub-log.ts';
import { runAlert } from './run-alert.ts';

/** The notifier that is no output. COMPAT: Talon's name. */
export const K8S_EVENTS = 'k8sevents';

export interface NotifierOptions {
  /** Posts an event at the object in Kubernetes. */
  readonly postEvent: (run: RunRecord, signal: AbortSignal) => Promise<void>;
  /** Names of the outputs that are on. */
  readonly outputs: readonly string[];
  readonly deliver: (alert: HubAlert, to: readonly string[]) => Promise<{ readonly kind: string }>;
  readonly linkOf: (run: RunRecord) => string | undefined;
  readonly log: HubLog;
  readonly nowMs: () => number;
  readonly newId: () => string;
}

/** Tellings under way at once; further ones are left out. */
const MOST_TELLING = 1_000;
const EVENT_MS = 10_000;

export class Notifier {
  readonly #options: NotifierOptions;
  readonly #telling = new Set<Promise<void>>();
  /** By notifier and how it went: `slack success`. */
  readonly toldCount = new Map<string, number>();

  constructor(options: NotifierOptions) {
    this.#options = options;
  }

  /** `names` that are no outputs that are on were told of when rules were read. */
  tell(run: RunRecord, names: readonly string[]): void {
    const to = names.filter((name) => this.#options.outputs.includes(name));
    if (to.length > 0) this.#begin(to, () => this.#toOutputs(run, to));
    if (names.includes(K8S_EVENTS)) this.#begin([K8S_EVENTS], () => this.#toKubernetes(run));
  }

  async settled(): Promise<void> {
    await Promise.all(this.#telling);
  }

  #begin(names: readonly string[], work: () => Promise<void>): void {
    if (this.#telling.size >= MOST_TELLING) {
      for (const name of names) this.#count(name, 'failure');
      return;
    }
    const telling = work()
      .then(
        () => {
          for (const name of names) this.#count(name, 'success');
        },
        (error: unknown) => {
          const reason = error instanceof Error ? error.message : String(error);
          for (const name of names) this.#count(name, 'failure');
          this.#options.log('error', `Response - ${names.join(', ')} cannot be told: ${reason}`);
        },
      )
      .finally(() => this.#telling.delete(telling));
    this.#telling.add(telling);
  }

  async #toOutputs(run: RunRecord, to: readonly string[]): Promise<void> {
    const { deliver, linkOf, nowMs, newId } = this.#options;
    const link = run.state === 'waiting' ? linkOf(run) : undefined;
    const { kind } = await deliver(runAlert(run, link, nowMs(), newId()), to);
    if (kind !== 'stored') throw new Error('the journal does not take it');
  }

  #toKubernetes(run: RunRecord): Promise<void> {
    return this.#options.postEvent(run, AbortSignal.timeout(EVENT_MS));
  }

  #count(name: string, status: 'success' | 'failure'): void {
    const key = `${name} ${status}`;
    this.toldCount.set(key, (this.toldCount.get(key) ?? 0) + 1);
  }
}
