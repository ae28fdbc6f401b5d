/**
 * Files of response rules to a plan: read, put together, checked. Everything that is wrong is found at once; with an error,
 * nothing of it is used. COMPAT: files of Falco Talon are read as they are.
 */

import {
  type ConfigNode,
  type Diagnostic,
  type Infer,
  type MapNode,
  mapNode,
  nameOfKind,
  readTree,
  type Span,
  scalarNode,
  unknownKey,
} from '@peregrine/base';
import { compileConditions } from '@peregrine/query';
import { artifactStores } from '../artifacts/roster.ts';
import { actionRoster } from '../roster.ts';
import { checkStep, type Rosters } from './check-step.ts';
import {
  badMatch,
  badWhen,
  matchesEverything,
  neitherActionNorRule,
  noActions,
  notAList,
  unnamedAction,
} from './diagnostics.ts';
import { fieldsIn } from './fields-read.ts';
import { ruleKeys } from './keys.ts';
import {
  fieldsPart,
  type MatchPart,
  priorityPart,
  type ReadPart,
  rulesPart,
  sourcePart,
  tagsPart,
} from './match.ts';
import { mergedAction, mergedRule } from './merge-nodes.ts';
import type { PlannedRule, PlannedStep, ResponsePlan } from './plan.ts';

export interface ReadResponseRules {
  /** `undefined` when it cannot be used. */
  readonly plan: ResponsePlan | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

type Report = (diagnostic: Diagnostic) => void;

/** Files in their order, as trees. `undefined`: an empty one. */
export function readResponseRules(
  files: readonly (ConfigNode | undefined)[],
  rosters: Rosters = { actions: actionRoster, stores: artifactStores },
): ReadResponseRules {
  const diagnostics: Diagnostic[] = [];
  // COMPAT: Talon passes over keys that it does not know.
  const report: Report = (diagnostic) =>
    diagnostics.push(
      diagnostic.code === unknownKey.code ? { ...diagnostic, severity: 'warning' } : diagnostic,
    );
  const { actions, rules } = collect(files, report);
  const planned = [...rules.values()].flatMap((node) => checkRule(node, { actions, rosters, report }) ?? []);
  const isUsable = diagnostics.every(({ severity }) => severity !== 'error');
  return { plan: isUsable ? { rules: planned } : undefined, diagnostics };
}

interface Collected {
  readonly actions: ReadonlyMap<string, MapNode>;
  readonly rules: ReadonlyMap<string, MapNode>;
}

/** What files have, by names, parts of one name put together. */
function collect(files: readonly (ConfigNode | undefined)[], report: Report): Collected {
  const actions = new Map<string, MapNode>();
  const rules = new Map<string, MapNode>();
  for (const root of files) {
    if (root === undefined || isEmpty(root)) continue;
    if (root.kind !== 'list') {
      report(notAList.at({ span: root.span }, nameOfKind(root)));
      continue;
    }
    for (const item of root.items) {
      const node = item.kind === 'map' ? item : undefined;
      const kind = node === undefined ? undefined : kindOf(node);
      if (node === undefined || kind === undefined) {
        report(neitherActionNorRule.at({ span: item.span }));
      } else if (kind === 'action') {
        const name = textAt(node, 'action');
        if (name === '') report(unnamedAction.at({ span: node.span }));
        else put(actions, name, node, (first) => mergedAction(first, node, report));
      } else {
        const name = textAt(node, 'rule') || textAt(node, 'when') || `rule ${rules.size + 1}`;
        put(rules, name, named(node, name), (first) => mergedRule(first, node, report));
      }
    }
  }
  return { actions, rules };
}

function isEmpty(root: ConfigNode): boolean {
  return (root.kind === 'scalar' && root.isNull) || (root.kind === 'map' && root.entries.size === 0);
}

function kindOf({ entries }: MapNode): 'action' | 'rule' | undefined {
  if (entries.has('rule') || entries.has('do') || entries.has('actions')) return 'rule';
  return entries.has('action') ? 'action' : undefined;
}

function textAt({ entries }: MapNode, key: string): string {
  const node = entries.get(key);
  return node?.kind === 'scalar' && !node.isNull ? node.text.trim() : '';
}

function named(node: MapNode, name: string): MapNode {
  return mapNode([...node.entries, ['rule', node.entries.get('rule') ?? scalarNode(name)]], node.span);
}

function put(
  all: Map<string, MapNode>,
  name: string,
  node: MapNode,
  onto: (first: MapNode) => MapNode,
): void {
  const first = all.get(name);
  all.set(name, first === undefined ? node : onto(first));
}

interface RuleContext {
  readonly actions: ReadonlyMap<string, MapNode>;
  readonly rosters: Rosters;
  readonly report: Report;
}

function checkRule(node: MapNode, context: RuleContext): PlannedRule | undefined {
  const { report } = context;
  const { value, diagnostics } = readTree(ruleKeys, node);
  for (const diagnostic of diagnostics) report(diagnostic);
  const steps = stepsOf(node, context);
  if (value === undefined) return undefined;
  const spanOf = (key: string): Span | undefined => node.entries.get(key)?.span ?? node.span;
  const parts = [
    ...matchParts(value.match, spanOf('match'), report),
    ...whenPart(value.when, spanOf('when'), report),
  ];
  if (steps !== undefined && steps.length === 0) report(noActions.at({ span: spanOf('rule') }, value.rule));
  if (parts.length === 0 && !node.entries.has('match') && value.when === '')
    report(matchesEverything.at({ span: node.span }, value.rule));
  return {
    name: value.rule,
    description: value.description,
    span: node.span,
    parts,
    steps: steps ?? [],
    continues: value.continue,
    isDryRun: value.dry_run,
    notifiers: value.notifiers,
  };
}

/** `undefined` where something is wrong with one of them. */
function stepsOf(
  node: MapNode,
  { actions, rosters, report }: RuleContext,
): readonly PlannedStep[] | undefined {
  const steps: PlannedStep[] = [];
  let isComplete = true;
  for (const item of [...itemsOf(node.entries.get('actions')), ...itemsOf(node.entries.get('do'))]) {
    const own = stepNodeOf(item, actions);
    const shared = actions.get(textAt(own, 'action'));
    const whole = shared === undefined ? own : mergedAction(shared, own, report);
    const step = checkStep(whole, { rosters, report, earlierSlugs: steps.map(({ slug }) => slug) });
    if (step === undefined) isComplete = false;
    else steps.push(step);
  }
  return isComplete ? steps : undefined;
}

function itemsOf(node: ConfigNode | undefined): readonly ConfigNode[] {
  if (node === undefined || (node.kind === 'scalar' && node.isNull)) return [];
  return node.kind === 'list' ? node.items : [node];
}

/** A name alone is that of a shared action, or of what to do. */
function stepNodeOf(item: ConfigNode, actions: ReadonlyMap<string, MapNode>): MapNode {
  if (item.kind === 'map') return item;
  const key =
    item.kind === 'scalar' && !actions.has(item.text) && item.text.includes(':') ? 'actionner' : 'action';
  return mapNode([[key, item]], item.span);
}

type MatchValue = Infer<typeof ruleKeys>['match'];

function matchParts(
  { rules, priority, tags, output_fields: fields, source }: MatchValue,
  span: Span | undefined,
  report: Report,
): readonly MatchPart[] {
  const read = (key: string, text: string, found: ReadPart): readonly MatchPart[] => {
    if ('part' in found) return [found.part];
    report(badMatch.at({ span }, `match.${key}`, text, found.why));
    return [];
  };
  return [
    ...(rules.length === 0 ? [] : [rulesPart(rules)]),
    ...(source === '' ? [] : [sourcePart(source)]),
    ...(priority === '' ? [] : read('priority', priority, priorityPart(priority))),
    ...(tags.length === 0 ? [] : read('tags', tags.join(' or '), tagsPart(tags))),
    ...(fields.length === 0 ? [] : read('output_fields', fields.join(' or '), fieldsPart(fields))),
  ];
}

function whenPart(text: string, span: Span | undefined, report: Report): readonly MatchPart[] {
  if (text.trim() === '') return [];
  const compiled = compileConditions([text]);
  if ('problems' in compiled) {
    report(badWhen.at({ span }, compiled.problems[0]?.message ?? 'it cannot be read'));
    return [];
  }
  return [
    {
      text: `when ${text.trim().replace(/\s+/g, ' ')}`,
      holds: (alert) => compiled.holding(alert).size > 0,
      found: () => '',
      fields: fieldsIn(text),
    },
  ];
}
