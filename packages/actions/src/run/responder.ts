/**
 * Decides what is done about alerts, does it, and writes it down. Each alert leads to the same response once, also when it
 * comes again after a restart; nothing is begun that was not written down, where doing it twice would hurt.
 */

import { decodeStored, type HubAlert } from '@peregrine/alert';
import { type PlannedRule, type ResponsePlan, rulesFor } from '../rules/plan.ts';
import { type LimitReading, Limits } from './limits.ts';
import { Progress } from './progress.ts';
import { Recent } from './recent.ts';
import type { ResponderOptions } from './responder-options.ts';
import { draftResponse, type Response } from './response.ts';
import { closeRun, resume } from './resume.ts';
import { pause } from './retry.ts';
import { publicOf, type RunPage, type RunQuery, type RunRecord, type StoredRun } from './run-record.ts';
import { StepRunner } from './step-runner.ts';

/** How an order went. */
export type OrderAnswer =
  | { readonly kind: 'taken'; readonly run: RunRecord }
  | { readonly kind: 'unknown-run' }
  /** It is not in a state that allows it. */
  | { readonly kind: 'too-late'; readonly reason: string };

/** Alerts and targets that are remembered at once. */
const MOST_RECENT = 100_000;
/** How often approvals that nobody gave and times to take back are looked at. */
const ROUND_MS = 1_000;

export interface RuleCounts {
  readonly matchCount: number;
  readonly lastMatchMs: number | undefined;
}

export class Responder {
  readonly #options: ResponderOptions;
  readonly #limits: Limits;
  readonly #runner: StepRunner;
  /** Texts of alerts, with the run that further ones are counted at; empty: none. */
  readonly #texts = new Recent<string>(MOST_RECENT);
  /** Responses that are not over, by their rule and what they do to which targets. */
  readonly #open = new Recent<string>(MOST_RECENT);
  /** Runs by what they do to which target. */
  readonly #targets = new Recent<string>(MOST_RECENT);
  readonly #stopping = new AbortController();
  readonly #counts = new Map<string, RuleCounts>();
  readonly #timer: NodeJS.Timeout;
  #plan: ResponsePlan;

  readonly progress: Progress;
  /** Files by the name of the store that they were for. */
  readonly keptCount = new Map<string, { readonly kept: number; readonly lost: number }>();
  /** Alerts that were looked at. */
  alertCount = 0;
  /** Of these, those that a rule matched and that were not the same as one before. */
  matchedCount = 0;

  /** Goes on with what was not over when the program ended. */
  constructor(plan: ResponsePlan, options: ResponderOptions) {
    this.#plan = plan;
    this.#options = options;
    this.#limits = new Limits(options.settings.limits);
    this.progress = new Progress({
      ...options,
      runStep: (response, step) => this.#runner.run(response, step),
      onEnded: (response) => this.#open.delete(keyOf(response)),
    });
    this.#runner = new StepRunner({
      ...options,
      limits: this.#limits,
      targets: this.#targets,
      signal: this.#stopping.signal,
      change: (step, change) => this.progress.change(step, change),
      onKept: (store, isKept) => {
        const count = this.keptCount.get(store) ?? { kept: 0, lost: 0 };
        this.keptCount.set(store, {
          ...count,
          ...(isKept ? { kept: count.kept + 1 } : { lost: count.lost + 1 }),
        });
      },
    });
    resume({
      ...{ ledger: options.ledger, progress: this.progress, nowMs: options.nowMs },
      mostAgeMs: options.settings.mostAgeMs,
      restored: (run) => this.#restored(run),
      notify: (run, rule) => options.notify(run, this.#namesFor(rule)),
    });
    for (const run of options.ledger.inStates(['waiting'])) {
      const response = this.#restored(run);
      if (response !== undefined) this.#remember(response);
    }
    this.#timer = setInterval(() => this.#round(), ROUND_MS);
  }

  get plan(): ResponsePlan {
    return this.#plan;
  }

  get limits(): readonly LimitReading[] {
    return this.#limits.readings(this.#options.monotonicMs());
  }

  /** From now on, alerts are looked at with these rules. */
  use(plan: ResponsePlan): void {
    this.#plan = plan;
  }

  countsOf(rule: string): RuleCounts {
    return this.#counts.get(rule) ?? { matchCount: 0, lastMatchMs: undefined };
  }

  /** Why each step of the rule would not be done about the alert now; `undefined`: it would. */
  whyNot(alert: HubAlert, rule: PlannedRule): readonly (string | undefined)[] {
    const { settings, nowMs, newId } = this.#options;
    const { steps } = draftResponse(alert, rule, { newId, nowMs: nowMs(), isDryRun: settings.isDryRun });
    return steps.map((step) => this.#runner.whyNot(step));
  }

  /** Decides about an alert that came in `ageMs` ago, and begins. What was decided is in the ledger when this returns. */
  take(alert: HubAlert, ageMs: number): void {
    const { settings, monotonicMs, nowMs, newId, ledger } = this.#options;
    this.alertCount++;
    const rules = rulesFor(this.#plan, alert);
    if (rules.length === 0 || ledger.hasAlert(alert.uuid)) return;
    const text = `${alert.hostname}\n${textOf(alert.output)}`;
    const same = this.#texts.get(text, monotonicMs());
    if (same !== undefined) {
      if (same !== '') ledger.noteRepeat(same, alert.uuid);
      return;
    }
    this.matchedCount++;
    let firstId = '';
    for (const rule of rules) {
      this.#counts.set(rule.name, {
        matchCount: this.countsOf(rule.name).matchCount + 1,
        lastMatchMs: nowMs(),
      });
      const draft = draftResponse(alert, rule, { newId, nowMs: nowMs(), isDryRun: settings.isDryRun });
      const repeated = this.#repeatedRun(draft);
      if (repeated !== undefined) {
        ledger.noteRepeat(repeated, alert.uuid);
        firstId ||= repeated;
        continue;
      }
      firstId ||= draft.steps[0]?.run.id ?? '';
      ledger.insert(draft.steps.map(({ run }) => run));
      this.#remember(draft);
      const isLate = ageMs > settings.mostAgeMs;
      const late = `the alert came in ${Math.round(ageMs / 1000)} s ago: \`response.maxage\``;
      if (isLate) this.progress.endAll(draft, 0, 'held', late);
      else this.progress.start(draft, 0);
    }
    this.#texts.put(text, firstId, monotonicMs() + settings.dedupWindowMs);
  }

  /** Newest first. */
  runs(query: RunQuery): RunPage {
    return this.#options.ledger.find(query);
  }

  /** Decisions that wait for somebody. */
  get approvalCount(): number {
    return this.#options.ledger.count(['waiting']);
  }

  runNamed(id: string): RunRecord | undefined {
    const run = this.#options.ledger.get(id);
    return run && publicOf(run);
  }

  /** What was decided is on the disk when this returns. */
  flush(): void {
    this.#options.ledger.flush();
  }

  /** Somebody says yes; it begins. */
  approve(id: string, by: string): OrderAnswer {
    const { ledger, nowMs } = this.#options;
    const run = ledger.get(id);
    if (run === undefined) return { kind: 'unknown-run' };
    const why = this.#whyNotDecidable(run);
    if (why !== undefined) return { kind: 'too-late', reason: why };
    const response = this.#restored(run);
    const step = response?.steps[run.step];
    if (response === undefined || step === undefined)
      return { kind: 'too-late', reason: `there is no rule \`${run.rule}\` with this action any more` };
    this.progress.change(step, { state: 'queued', approval: decidedBy(run, by, nowMs()) });
    ledger.flush();
    this.progress.start(response, run.step);
    return { kind: 'taken', run: publicOf(step.run) };
  }

  /** Somebody says no; the actions after it are not run either. */
  deny(id: string, by: string): OrderAnswer {
    const { ledger, nowMs } = this.#options;
    const run = ledger.get(id);
    if (run === undefined) return { kind: 'unknown-run' };
    const why = this.#whyNotDecidable(run);
    if (why !== undefined) return { kind: 'too-late', reason: why };
    const approval = decidedBy(run, by, nowMs());
    return { kind: 'taken', run: this.#giveUp(run, 'denied', `denied by ${by}`, approval) };
  }

  /** Takes back what was done. Resolves when it is, or could not be. */
  async undo(id: string, by: string): Promise<OrderAnswer> {
    const { ledger } = this.#options;
    const run = ledger.get(id);
    if (run === undefined) return { kind: 'unknown-run' };
    if (run.state !== 'done' || !run.canBeUndone)
      return { kind: 'too-late', reason: `it is ${run.state}, and nothing can be taken back` };
    const change = await this.#runner.undo(run, by);
    ledger.update(id, change);
    ledger.flush();
    return { kind: 'taken', run: this.progress.tell({ ...run, ...change }) };
  }

  /** Begins nothing more, and gives what runs some time to end. What did not end is taken up at the next start. */
  async stop(patienceMs: number): Promise<void> {
    clearInterval(this.#timer);
    this.progress.forget();
    await Promise.race([this.progress.settled(), pause(patienceMs, this.#stopping.signal)]);
    this.#stopping.abort();
    await this.progress.settled();
    this.#options.ledger.close();
  }

  #whyNotDecidable({ state, approval }: StoredRun): string | undefined {
    if (state !== 'waiting') return `it does not wait for anybody: it is ${state}`;
    const isOver = approval !== undefined && approval.expiresMs <= this.#options.nowMs();
    return isOver ? 'the time to decide is over' : undefined;
  }

  /** The run that the alert is counted at, where all of it is being done or was just now. */
  #repeatedRun(response: Response): string | undefined {
    const nowMs = this.#options.monotonicMs();
    const under = this.#open.get(keyOf(response), nowMs);
    if (under !== undefined) return under;
    const runs = response.steps.map(({ key }) => this.#targets.get(key, nowMs));
    return runs.includes(undefined) ? undefined : runs[0];
  }

  #remember(response: Response): void {
    const [first] = response.steps;
    if (first !== undefined) this.#open.put(keyOf(response), first.run.id, Number.POSITIVE_INFINITY);
  }

  /** The response that a run is part of, with everything as it was written down; `undefined`: the rules have no such one. */
  #restored({ alertUuid, rule: name, alertJson }: StoredRun): Response | undefined {
    const { ledger, newId, settings } = this.#options;
    const rule = this.#plan.rules.find((candidate) => candidate.name === name);
    const alert = decodeStored(Buffer.from(`\n${alertJson}`))?.alert;
    if (rule === undefined || alert === undefined) return undefined;
    const runs = ledger.stepsOf(alertUuid, name);
    const draft = draftResponse(alert, rule, { newId, nowMs: 0, isDryRun: settings.isDryRun });
    const isSame =
      runs.length === draft.steps.length &&
      draft.steps.every(
        ({ run }, i) => run.actionner === runs[i]?.actionner && run.action === runs[i]?.action,
      );
    if (!isSame) return undefined;
    for (const [i, step] of draft.steps.entries()) step.run = runs[i] ?? step.run;
    return draft;
  }

  #round(): void {
    const { ledger, nowMs, notify, log } = this.#options;
    for (const run of ledger.inStates(['waiting'])) {
      const { approval } = run;
      if (approval === undefined || approval.expiresMs > nowMs()) continue;
      const told = this.#giveUp(run, 'expired', 'nobody approved it in time', approval);
      notify(told, this.#namesFor(this.#plan.rules.find(({ name }) => name === run.rule)));
    }
    for (const run of ledger.toUndo()) {
      if (run.undoAtMs === undefined || run.undoAtMs > nowMs()) break;
      // Not asked for again while it is under way.
      ledger.update(run.id, { undoAtMs: undefined });
      const undoing = this.undo(run.id, 'time').catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        log('error', `\`${run.action}\` on ${run.target} was not taken back: ${reason}`);
      });
      this.progress.track(undoing.then(() => {}));
    }
  }

  /** What waited for somebody does not any more, and what would have come after it does not come. */
  #giveUp(
    run: StoredRun,
    state: 'denied' | 'expired',
    summary: string,
    approval: StoredRun['approval'],
  ): RunRecord {
    const { ledger, nowMs, monotonicMs, settings } = this.#options;
    const { progress } = this;
    const response = this.#restored(run);
    const key = response?.steps[run.step]?.key;
    if (key !== undefined) this.#targets.settle(key, run.id, monotonicMs() + settings.cooldownMs);
    if (response !== undefined) this.#open.delete(keyOf(response));
    for (const step of ledger.stepsOf(run.alertUuid, run.rule))
      if (step.step > run.step) closeRun(step, `\`${run.action}\` was ${state}`, { ledger, progress, nowMs });
    const change = { state, summary, approval, endedMs: nowMs() } as const;
    ledger.update(run.id, change);
    ledger.flush();
    return progress.tell({ ...run, ...change });
  }

  #namesFor(rule: PlannedRule | undefined): readonly string[] {
    return [...new Set([...this.#options.settings.defaultNotifiers, ...(rule?.notifiers ?? [])])];
  }
}

function keyOf({ rule, steps }: Response): string {
  return [rule.name, ...steps.map(({ key }) => key)].join('\n');
}

function decidedBy({ approval }: StoredRun, by: string, nowMs: number): StoredRun['approval'] {
  return { expiresMs: approval?.expiresMs ?? nowMs, by, decidedMs: nowMs };
}

/** COMPAT: as Talon, without the time and the priority that alerts begin with. */
export function textOf(output: string): string {
  return output.replace(/^(?:\d{4}-\d\d-\d\dT)?\d\d:\d\d:\d\d\.\d+(?:Z|[-+]\d\d:?\d\d)?: [A-Z][a-z]+ /, '');
}
