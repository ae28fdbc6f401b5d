/** A responder that does nothing to the world, but keeps its runs as a real one does: for tests of whoever looks at one. */

import { type RunPage, type RunQuery, type RunRecord, runStates } from '@peregrine/actions';
import type {
  OrderAnswer,
  ResponseExplanation,
  ResponsePort,
  ResponseStatus,
} from '../src/response/response-port.ts';

const BASE_MS = Date.parse('2026-11-26T10:00:00Z');

export class ResponderFake implements ResponsePort {
  readonly #runs: RunRecord[] = [];
  readonly #listeners = new Set<(run: RunRecord) => void>();
  /** Of the rest of what it tells of itself. */
  facts: Partial<ResponseStatus> = {};
  explanation: ResponseExplanation | { readonly problem: string } = { rules: [] };
  /** Alerts that were asked about. */
  readonly explained: string[] = [];

  /** One more run, newer than the others. */
  add(parts: Partial<RunRecord> = {}): RunRecord {
    const number = this.#runs.length;
    const run: RunRecord = {
      ...{
        id: crypto.randomUUID(),
        alertUuid: crypto.randomUUID(),
        alertRule: 'Terminal shell in container',
      },
      ...{ alertPriority: 'Notice', alertTime: '2026-11-26T09:59:59.123456789Z', hostname: 'node-1' },
      ...{ alertOutput: 'a shell was spawned', rule: 'End pods', step: 0, action: `End the pod ${number}` },
      ...{ actionner: 'kubernetes:terminate', target: 'pod default/alpine', namespace: 'default' },
      ...{ node: undefined, state: 'done', summary: 'the pod was deleted', changes: [], canBeUndone: false },
      ...{ undoAtMs: undefined, decidedMs: BASE_MS + number, begunMs: undefined, endedMs: undefined },
      ...{
        attemptCount: 1,
        repeatCount: 0,
        approval: undefined,
        artifact: undefined,
        undoneBy: undefined,
        results: {},
      },
      ...parts,
    };
    this.#runs.unshift(run);
    for (const listener of this.#listeners) listener(run);
    return run;
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }

  change(id: string, parts: Partial<RunRecord>): RunRecord {
    const index = this.#runs.findIndex((run) => run.id === id);
    const before = this.#runs[index];
    if (before === undefined) throw new Error(`there is no run \`${id}\``);
    const run = { ...before, ...parts };
    this.#runs[index] = run;
    for (const listener of this.#listeners) listener(run);
    return run;
  }

  status(): ResponseStatus {
    const counts = Object.keys(runStates).map((state) => [
      state,
      this.#runs.filter((run) => run.state === state).length,
    ]);
    return {
      ...{ isDryRun: false, rules: [], limits: [], protections: [], isLeading: true, leader: undefined },
      ...{ kubernetesTrouble: undefined, hostTrouble: undefined },
      countByState: Object.fromEntries(counts),
      waitingCount: this.#runs.filter(({ state }) => state === 'waiting').length,
      ...this.facts,
    };
  }

  runs({ states, rule, alertUuid, text, limit, after }: RunQuery): RunPage {
    const wanted = text?.toLowerCase();
    const found = this.#runs.filter(
      (run) =>
        (states === undefined || states.includes(run.state)) &&
        (rule === undefined || run.rule === rule) &&
        (alertUuid === undefined || run.alertUuid === alertUuid) &&
        (wanted === undefined ||
          [run.rule, run.action, run.target, run.summary].some((of) => of.toLowerCase().includes(wanted))),
    );
    const start = after === undefined ? 0 : found.findIndex(({ id }) => id === after) + 1;
    const runs = found.slice(start, start + limit);
    return { runs, next: found.length > start + limit ? runs.at(-1)?.id : undefined };
  }

  run(id: string): RunRecord | undefined {
    return this.#runs.find((run) => run.id === id);
  }

  async approve(id: string, by: string): Promise<OrderAnswer> {
    return this.#decide(id, by, { state: 'begun', summary: '' });
  }

  async deny(id: string, by: string): Promise<OrderAnswer> {
    return this.#decide(id, by, { state: 'denied', summary: `denied by ${by}` });
  }

  #decide(id: string, by: string, parts: Partial<RunRecord>): OrderAnswer {
    const run = this.run(id);
    if (run === undefined) return { kind: 'unknown-run' };
    if (run.state !== 'waiting' || run.approval === undefined)
      return { kind: 'too-late', reason: `it is ${run.state}` };
    const approval = { ...run.approval, by, decidedMs: BASE_MS };
    return { kind: 'taken', run: this.change(id, { ...parts, approval }) };
  }

  async undo(id: string, by: string): Promise<OrderAnswer> {
    const run = this.run(id);
    if (run === undefined) return { kind: 'unknown-run' };
    if (!run.canBeUndone) return { kind: 'too-late', reason: 'it cannot be taken back' };
    return { kind: 'taken', run: this.change(id, { state: 'undone', canBeUndone: false, undoneBy: by }) };
  }

  explain(alertJson: string): ReturnType<ResponsePort['explain']> {
    this.explained.push(alertJson);
    return this.explanation;
  }

  onChange(listener: (run: RunRecord) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
