/**
 * One step of a response: everything that may keep it from being done, in a fixed order, then the action, then its file.
 *
 * The order: its condition, the target, protections, what was just done, limits, the target as it is now, protections and
 * limits again with what is known then, approval. What only looks comes before what counts.
 */

import type { ActionPorts } from '../action.ts';
import { artifactName } from '../artifacts/artifact-name.ts';
import { type Attempted, attempt } from './attempt.ts';
import type { Limits } from './limits.ts';
import { protectionOf } from './protections.ts';
import type { Recent } from './recent.ts';
import type { ResponderOptions } from './responder-options.ts';
import { baseContext, type Response, type ResponseStep, type StepOutcome, withResults } from './response.ts';
import { type RetryContext, retryOf, untilSettled } from './retry.ts';
import { publicOf, type RunState, type StoredRun } from './run-record.ts';
import { variablesOf } from './variables.ts';

export interface StepRunnerOptions
  extends Pick<
    ResponderOptions,
    | 'settings'
    | 'ports'
    | 'dryPorts'
    | 'contextOf'
    | 'storeSettings'
    | 'notify'
    | 'actionNamed'
    | 'nowMs'
    | 'monotonicMs'
    | 'random'
  > {
  readonly limits: Limits;
  readonly targets: Recent<string>;
  readonly ledger: { flush(): void };
  readonly signal: AbortSignal;
  readonly change: (step: ResponseStep, change: Partial<StoredRun>) => void;
  /** A file went there, or was lost. */
  readonly onKept: (store: string, isKept: boolean) => void;
}

/** Looking at a target is tried this often. */
const MOST_LOOKS = 5;
/** A target's look may take this long, milliseconds. */
const LOOK_MS = 10_000;
/** One attempt to keep a file, milliseconds. */
const KEEP_MS = 60_000;
const UNDO_MS = 60_000;
/** For how long what was held is counted, and not decided again, milliseconds. */
const HELD_MS = 10_000;

/** Why it is not done. */
interface Closed {
  readonly kind: 'closed';
  readonly state: RunState;
  readonly summary: string;
}

const closed = (state: RunState, summary: string): Closed => ({ kind: 'closed', state, summary });

/** There was no file, or nowhere to put it. */
const nothingKept = { place: undefined, trouble: undefined };

export class StepRunner {
  readonly #options: StepRunnerOptions;

  constructor(options: StepRunnerOptions) {
    this.#options = options;
  }

  /** From the alert alone; for people who ask what would be done. */
  whyNot({ step, found, facts, key }: ResponseStep): string | undefined {
    const { settings, limits, targets, monotonicMs } = this.#options;
    if (found.kind === 'missing') return found.reason;
    return (
      protectionOf(facts, settings.protections) ??
      (targets.get(key, monotonicMs()) === undefined ? undefined : 'it is being done, or was just now') ??
      limits.full(step.action.name, facts, monotonicMs())
    );
  }

  async run(response: Response, own: ResponseStep): Promise<StepOutcome> {
    const { state, approval } = own.run;
    // Approved, or begun before a restart: what keeps it was asked before, and only the target may have changed.
    const isDecided = state === 'begun' || approval?.decidedMs !== undefined;
    if (state !== 'queued' && state !== 'begun') return this.#after(own, state);
    // The program stops: it is taken up at the next start.
    if (this.#options.signal.aborted) return 'pause';
    const { step, found } = own;
    if (found.kind === 'missing') return this.#hold(response, own, closed('refused', found.reason));
    if (!isDecided) {
      if (step.when !== undefined && !step.when.holds(withResults(response, own.index)))
        return this.#close(response, own, 'skipped', `\`when\` does not hold: ${step.when.text}`);
      const early = this.#gateOf(own);
      if (early !== undefined) return this.#hold(response, own, early);
    }
    this.#options.targets.put(own.key, own.run.id, Number.POSITIVE_INFINITY);
    const late = await this.#lookAt(response, own, found.target);
    if (late.kind === 'closed') return this.#hold(response, own, late);
    if (isDecided) return this.#act(response, own, { target: found.target, facts: late.facts }, () => {});
    const reserved = this.#options.limits.reserve(step.action.name, late.facts, this.#options.monotonicMs());
    if (reserved.kind === 'held') return this.#hold(response, own, closed('held', reserved.reason));
    const { namespace, node, uid: targetUid } = late.facts;
    this.#options.change(own, { namespace, node, targetUid });
    if (step.needsApproval && !this.#isDry(response, own)) return this.#wait(response, own);
    return this.#act(response, own, { target: found.target, facts: late.facts }, reserved.release);
  }

  /** What changes when it is taken back, or could not be. */
  async undo(run: StoredRun, by: string): Promise<Partial<StoredRun>> {
    const { ports, signal } = this.#options;
    const action = this.#options.actionNamed(run.actionner);
    if (action?.undo === undefined || run.undo === undefined)
      return { canBeUndone: false, undoAtMs: undefined, summary: `${run.summary}; it cannot be taken back` };
    const { undo } = action;
    const data = run.undo;
    const { answer } = await untilSettled(
      () => undo(data, ports, AbortSignal.any([signal, AbortSignal.timeout(UNDO_MS)])).catch(retryOf),
      (outcome) => {
        if (outcome.kind === 'retry') return outcome;
        return outcome.kind === 'unknown' ? { afterMs: undefined } : undefined;
      },
      this.#retries(),
    );
    if (answer.kind === 'done')
      return {
        ...{ state: 'undone', canBeUndone: false, undoAtMs: undefined, undoneBy: by },
        summary: `${run.summary}; taken back: ${answer.summary}`,
      };
    return {
      ...(answer.kind === 'unchanged' ? { canBeUndone: false } : {}),
      undoAtMs: undefined,
      summary: `${run.summary}; not taken back: ${answer.reason}`,
    };
  }

  #retries(mostAttempts = this.#options.settings.mostAttempts): RetryContext {
    const { settings, random, signal } = this.#options;
    return { limits: { ...settings, mostAttempts }, random, signal };
  }

  #wait(response: Response, own: ResponseStep): StepOutcome {
    const { settings, nowMs, monotonicMs, targets, change, ledger } = this.#options;
    const approval = { expiresMs: nowMs() + settings.approvalMs };
    change(own, { state: 'waiting', summary: 'waits for approval', approval });
    ledger.flush();
    targets.settle(own.key, own.run.id, monotonicMs() + settings.approvalMs);
    this.#tell(response, own);
    return 'pause';
  }

  #isDry({ isDryRun }: Response, { step }: ResponseStep): boolean {
    return isDryRun || step.isDryRun;
  }

  #gateOf({ step, facts, key }: ResponseStep): Closed | undefined {
    const { settings, limits, targets, monotonicMs } = this.#options;
    const protection = protectionOf(facts, settings.protections);
    if (protection !== undefined) return closed('held', protection);
    const earlier = targets.get(key, monotonicMs());
    if (earlier !== undefined) return closed('held', `it is being done, or was just now: ${earlier}`);
    const full = limits.full(step.action.name, facts, monotonicMs());
    return full === undefined ? undefined : closed('held', full);
  }

  /** The target as it is now. */
  async #lookAt(
    response: Response,
    own: ResponseStep,
    target: unknown,
  ): Promise<{ readonly kind: 'open'; readonly facts: ResponseStep['facts'] } | Closed> {
    const { settings, signal } = this.#options;
    const ports = this.#portsFor(response, own);
    const { inspect } = own.step.action.target;
    const { answer: seen } = await untilSettled(
      () => inspect(target, ports, AbortSignal.any([signal, AbortSignal.timeout(LOOK_MS)])).catch(retryOf),
      (answer) => (answer.kind === 'retry' ? answer : undefined),
      this.#retries(MOST_LOOKS),
    );
    switch (seen.kind) {
      case 'there': {
        const facts = { ...own.facts, ...seen.facts };
        const protection = protectionOf(facts, settings.protections);
        if (protection !== undefined) return closed('held', protection);
        const { targetUid } = own.run;
        return targetUid === undefined || targetUid === facts.uid
          ? { kind: 'open', facts }
          : closed('unchanged', `${own.run.target} is gone, and another of that name is there`);
      }
      case 'gone':
        return closed('unchanged', seen.reason);
      case 'refused':
        return closed('refused', seen.reason);
      case 'retry':
        return closed('failed', `the target cannot be looked at: ${seen.reason}`);
    }
  }

  async #act(
    response: Response,
    own: ResponseStep,
    { target, facts: seen }: { readonly target: unknown; readonly facts: ResponseStep['facts'] },
    release: () => void,
  ): Promise<StepOutcome> {
    const { ledger, nowMs, change, settings, random, signal } = this.#options;
    const { step } = own;
    const isDryRun = this.#isDry(response, own);
    if (own.run.state !== 'begun') change(own, { state: 'begun', begunMs: nowMs() });
    // What is safe to do twice need not wait for the disk: after a crash, the alert is read again.
    if (!step.action.isRepeatable && !isDryRun) ledger.flush();
    const context = { ...baseContext(response, step), ...(await this.#contexts(response, own)) };
    const facts = {
      ...{ runId: own.run.id, alert: response.alert, target, parameters: step.parameters },
      ...{ targetUid: seen.uid, targetNode: seen.node },
      ...{ ports: this.#portsFor(response, own), context, isDryRun },
      variables: variablesOf(response.alert, context),
    };
    const attempted = await attempt(step, facts, {
      ...{ limits: settings, random, signal },
      onAttempt: (attemptCount) => {
        if (attemptCount > 1) change(own, { attemptCount });
        else own.run = { ...own.run, attemptCount };
      },
    });
    if (attempted.kind !== 'done' && attempted.kind !== 'unknown') release();
    return this.#finish(response, own, attempted);
  }

  async #finish(response: Response, own: ResponseStep, attempted: Attempted): Promise<StepOutcome> {
    const { change, nowMs, targets, monotonicMs, settings, ledger } = this.#options;
    const { step } = own;
    // It stays begun, and is done at the next start.
    if (attempted.kind === 'stopped') return 'pause';
    const isDryRun = this.#isDry(response, own);
    const kept = await this.#keep(response, own, attempted);
    if (step.output !== undefined && kept !== nothingKept)
      this.#options.onKept(step.output.store.name, kept.trouble === undefined);
    const isDone = attempted.kind === 'done' && kept.trouble === undefined;
    const state: RunState =
      attempted.kind === 'done' ? (isDryRun ? 'dry-run' : isDone ? 'done' : 'failed') : attempted.kind;
    const summary = attempted.kind === 'done' ? attempted.summary : attempted.reason;
    const undo = attempted.kind === 'done' && !isDryRun ? attempted.undo : undefined;
    change(own, {
      ...{ state, endedMs: nowMs(), attemptCount: own.run.attemptCount },
      summary: kept.trouble === undefined ? summary : `${summary}; its file is lost: ${kept.trouble}`,
      ...(attempted.kind === 'done'
        ? { changes: attempted.changes ?? [], results: attempted.results ?? {} }
        : {}),
      ...{ undo, artifact: kept.place, canBeUndone: undo !== undefined && step.action.undo !== undefined },
      undoAtMs: undo !== undefined && step.undoAfterMs !== undefined ? nowMs() + step.undoAfterMs : undefined,
    });
    if (!step.action.isRepeatable && !isDryRun) ledger.flush();
    targets.settle(own.key, own.run.id, monotonicMs() + (step.cooldownMs ?? settings.cooldownMs));
    this.#tell(response, own);
    return this.#after(own, state);
  }

  /** Puts the file that the action gave where the rule says. */
  async #keep(
    response: Response,
    { step, run }: ResponseStep,
    attempted: Attempted,
  ): Promise<{ readonly place: string | undefined; readonly trouble: string | undefined }> {
    const { output } = step;
    if (attempted.kind !== 'done' || attempted.artifact === undefined || output === undefined)
      return nothingKept;
    const { signal, storeSettings } = this.#options;
    const name = artifactName(attempted.artifact.name, run, response.alert);
    const { environment } = this.#options.ports;
    const { store, parameters } = output;
    const file = attempted.artifact;
    const { answer: kept } = await untilSettled(
      () => {
        const timeout = AbortSignal.any([signal, AbortSignal.timeout(KEEP_MS)]);
        const own = storeSettings(store.settings?.section ?? '');
        return store.keep(file, name, parameters, own, { environment, signal: timeout }).catch(retryOf);
      },
      (answer) => (answer.kind === 'retry' ? answer : undefined),
      this.#retries(),
    );
    return kept.kind === 'kept'
      ? { place: kept.place, trouble: undefined }
      : { place: undefined, trouble: kept.reason };
  }

  /** What cannot be found out is left out: the action matters more. */
  async #contexts({ alert }: Response, { step }: ResponseStep): Promise<Readonly<Record<string, string>>> {
    const { contextOf, signal } = this.#options;
    const found: Record<string, string> = {};
    for (const name of step.contexts) {
      const timeout = AbortSignal.any([signal, AbortSignal.timeout(LOOK_MS)]);
      Object.assign(found, await contextOf(name, alert, timeout).catch(() => ({})));
    }
    return found;
  }

  #portsFor(response: Response, own: ResponseStep): ActionPorts {
    return this.#isDry(response, own) ? this.#options.dryPorts : this.#options.ports;
  }

  /** Kept back for a reason that may last: further alerts are counted here for a while. */
  #hold(response: Response, own: ResponseStep, { state, summary }: Closed): StepOutcome {
    const { targets, monotonicMs, settings } = this.#options;
    const isOwn = (targets.get(own.key, monotonicMs()) ?? own.run.id) === own.run.id;
    if (isOwn)
      targets.put(own.key, own.run.id, monotonicMs() + (state === 'held' ? HELD_MS : settings.cooldownMs));
    return this.#close(response, own, state, summary);
  }

  #close(response: Response, own: ResponseStep, state: RunState, summary: string): StepOutcome {
    this.#options.change(own, { state, summary, endedMs: this.#options.nowMs() });
    if (state !== 'skipped' && state !== 'unchanged') this.#tell(response, own);
    return this.#after(own, state);
  }

  #after({ step }: ResponseStep, state: RunState): StepOutcome {
    if (state === 'skipped') return 'next';
    const isWell = state === 'done' || state === 'dry-run' || state === 'unchanged' || state === 'undone';
    return (isWell ? step.continues : step.ignoresErrors) ? 'next' : 'end';
  }

  #tell({ rule }: Response, { run }: ResponseStep): void {
    const { settings, notify } = this.#options;
    notify(publicOf(run), [...new Set([...settings.defaultNotifiers, ...rule.notifiers])]);
  }
}
