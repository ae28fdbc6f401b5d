/** One action of a rule: names and parameters are settled here. */

import {
  type ConfigNode,
  type Diagnostic,
  type Infer,
  type MapNode,
  mapNode,
  nearestName,
  plainOf,
  readTree,
  type Span,
} from '@peregrine/base';
import { compileConditions } from '@peregrine/query';
import type { Action } from '../action.ts';
import type { ArtifactStore } from '../artifacts/artifact-store.ts';
import {
  badParameters,
  badWhen,
  cannotUndo,
  noActionner,
  noOutput,
  noSuchActionner,
  noSuchStep,
  noSuchStore,
  uselessOutput,
} from './diagnostics.ts';
import { stepKeys } from './keys.ts';
import { type PlannedOutput, type PlannedStep, slugOf } from './plan.ts';

export interface Rosters {
  readonly actions: readonly Action[];
  readonly stores: readonly ArtifactStore[];
}

interface CheckContext {
  readonly rosters: Rosters;
  readonly report: (diagnostic: Diagnostic) => void;
  /** Of the actions before it. */
  readonly earlierSlugs: readonly string[];
}

/** `undefined` where it cannot be used, which was reported. */
export function checkStep(node: MapNode, context: CheckContext): PlannedStep | undefined {
  const { rosters, report } = context;
  const { value, diagnostics } = readTree(stepKeys, node);
  for (const diagnostic of diagnostics) report(diagnostic);
  if (value === undefined) return undefined;
  const spanOf = (key: string): Span | undefined => node.entries.get(key)?.span ?? node.span;
  const action = actionOf(value, spanOf, context);
  if (action === undefined) return undefined;
  const parameters = parametersOf(action, value.parameters, node.span, report);
  const output = outputOf(action, value.output, spanOf('output'), rosters.stores, report);
  const when = whenOf(value.when, spanOf('when'), context);
  if (value.undo_after !== undefined && action.undo === undefined)
    report(cannotUndo.at({ span: spanOf('undo_after') }, action.name));
  if (parameters === undefined || output === 'wrong' || when === 'wrong') return undefined;
  const name = value.action === '' ? action.name : value.action;
  return {
    name,
    slug: slugOf(name),
    action,
    parameters,
    parametersText: JSON.stringify(plainOf(value.parameters ?? mapNode())),
    output,
    contexts: value.additional_contexts,
    continues: value.continue ?? action.continues,
    ignoresErrors: value.ignore_errors,
    when,
    timeoutMs: value.timeout ?? action.timeoutMs(parameters),
    needsApproval: value.approval,
    undoAfterMs: value.undo_after,
    cooldownMs: value.cooldown,
    isDryRun: value.dry_run,
  };
}

type StepValue = Infer<typeof stepKeys>;

function actionOf(
  { action: name, actionner }: StepValue,
  spanOf: (key: string) => Span | undefined,
  { rosters, report }: CheckContext,
): Action | undefined {
  if (actionner === '') {
    report(noActionner.at({ span: spanOf('action') }, name));
    return undefined;
  }
  const found = rosters.actions.find((action) => action.name === actionner);
  if (found === undefined) {
    const nearest = nearestName(
      actionner,
      rosters.actions.map((action) => action.name),
    );
    report(noSuchActionner.at({ span: spanOf('actionner') }, actionner, nearest));
  }
  return found;
}

function parametersOf(
  { name, parameters: of, refuses }: Action,
  node: ConfigNode | undefined,
  span: Span | undefined,
  report: (diagnostic: Diagnostic) => void,
): Readonly<Record<string, unknown>> | undefined {
  const { value, diagnostics } = readTree(of, node ?? mapNode([], span));
  for (const diagnostic of diagnostics) report(diagnostic);
  if (value === undefined) return undefined;
  const refusals = refuses(value);
  for (const { key, why } of refusals) {
    const at = (node?.kind === 'map' ? node.entries.get(key)?.span : undefined) ?? node?.span ?? span;
    report(badParameters.at({ span: at }, name, key, why));
  }
  return refusals.length === 0 ? value : undefined;
}

function outputOf(
  { name, artifact }: Action,
  output: StepValue['output'],
  span: Span | undefined,
  stores: readonly ArtifactStore[],
  report: (diagnostic: Diagnostic) => void,
): PlannedOutput | undefined | 'wrong' {
  if (output === undefined) {
    if (artifact !== 'required') return undefined;
    report(noOutput.at({ span }, name));
    return 'wrong';
  }
  if (artifact === 'none') report(uselessOutput.at({ span }, name));
  const store = stores.find((candidate) => candidate.name === output.target);
  if (store === undefined) {
    const names = stores.map((candidate) => candidate.name);
    report(noSuchStore.at({ span }, output.target, nearestName(output.target, names)));
    return 'wrong';
  }
  const node = output.parameters ?? mapNode([], span);
  const { value, diagnostics } = readTree(store.parameters, node);
  for (const diagnostic of diagnostics) report(diagnostic);
  if (value === undefined) return 'wrong';
  const refusals = store.refuses(value);
  for (const { key, why } of refusals) {
    const at = node.kind === 'map' ? (node.entries.get(key)?.span ?? node.span) : span;
    report(badParameters.at({ span: at }, store.name, key, why));
  }
  return refusals.length === 0 ? { store, parameters: value } : 'wrong';
}

const STEP = /(?<![\w.])steps\.([\p{L}\p{N}_]+)/gu;

function whenOf(
  text: string,
  span: Span | undefined,
  { earlierSlugs, report }: CheckContext,
): PlannedStep['when'] | 'wrong' {
  if (text.trim() === '') return undefined;
  const compiled = compileConditions([text]);
  if ('problems' in compiled) {
    report(badWhen.at({ span }, compiled.problems[0]?.message ?? 'it cannot be read'));
    return 'wrong';
  }
  for (const [, slug = ''] of text.matchAll(STEP))
    if (!earlierSlugs.includes(slug)) report(noSuchStep.at({ span }, slug));
  return { text, holds: (alert) => compiled.holding(alert).size > 0 };
}
