/** Rules made ready to run: compiled conditions and alert builders. A reload builds a new one and swaps it in. */

import { type CheckedOperand, type CheckedRule, compileRules, type Source, testsOf } from '@peregrine/lang';
import { type AlertBuilder, createAlertBuilder, timeFieldOf } from './alert-builder.ts';
import { PartialRules } from './partial-rules.ts';

export interface RulesetOptions {
  /** `first`: the first rule that matches an event, in order of definition. `all`: every one. */
  readonly matching: 'first' | 'all';
  /** Alert times in ISO 8601 UTC instead of local clock time. */
  readonly isTimeIso8601: boolean;
  /** Buffers in outputs as base64 instead of printable characters. */
  readonly isBufferBase64: boolean;
}

/** Writes the positions of matching rules into `hits` and returns their number. HOT. */
export type Matcher<E> = (event: E, hits: Int32Array) => number;

/** The enabled rules of one source, ready to run. */
export interface Ruleset<E> {
  readonly rules: readonly CheckedRule<E>[];
  /** By event code; `undefined` where no rule wants the code. */
  readonly matchers: readonly (Matcher<E> | undefined)[];
  /** By position in `rules`. */
  readonly builders: readonly AlertBuilder<E>[];
  /** The same rules for events of which something is told later. */
  readonly partial: PartialRules<E>;
  /** Costly parts of the state that these rules read (see `BoundField.needs`). */
  readonly needs: ReadonlySet<string>;
  /** Compiles the rule at a position by itself, by event code: for measuring what it costs. */
  alone(position: number): readonly (Matcher<E> | undefined)[];
}

/** Takes the rules that are enabled and belong to `source`; leaves out the others. */
export function createRuleset<E>(
  rules: readonly CheckedRule<E>[],
  source: Source<E>,
  options: RulesetOptions,
): Ruleset<E> {
  const enabled = rules.filter((rule) => rule.isEnabled && rule.source === source.name);
  const time = timeFieldOf(source, options.isTimeIso8601);
  for (const rule of enabled) announceComparisons(rule);
  return {
    rules: enabled,
    matchers: compileRules(enabled, source, { matching: options.matching }).byCode,
    builders: enabled.map((rule) => createLazily(() => createAlertBuilder(rule, time, options))),
    partial: new PartialRules({ ...options, rules: enabled, time, codeOf: source.codeOf }),
    needs: new Set(enabled.flatMap(needsOf)),
    alone: (position) =>
      compileRules(enabled.slice(position, position + 1), source, { matching: 'all' }).byCode,
  };
}

/** Made with the first alert: most rules have none in a run, and a hundred builders take as long as all conditions. */
function createLazily<E>(create: () => AlertBuilder<E>): AlertBuilder<E> {
  let build: AlertBuilder<E> | undefined;
  return (event, timeNs, hostname) => {
    build ??= create();
    return build(event, timeNs, hostname);
  };
}

/**
 * Conditions are compiled when events arrive; fields that compare in their own way (host names) must know the constants
 * before, so that they can look them up.
 */
function announceComparisons<E>({ condition }: CheckedRule<E>): void {
  for (const { left, operator, right } of testsOf(condition)) {
    if (left.kind !== 'field' || right.kind !== 'constants') continue;
    left.field.compare?.(
      operator,
      right.values.map(({ text }) => text),
    );
  }
}

function needsOf<E>(rule: CheckedRule<E>): readonly string[] {
  const outputs = [
    ...rule.output,
    ...rule.extraFields.flatMap((extra) => (extra.kind === 'format' ? extra.parts : [])),
  ];
  return [
    ...testsOf(rule.condition).flatMap((test) => [
      ...needsOfOperand(test.left),
      ...(test.right.kind === 'operand' ? needsOfOperand(test.right.operand) : []),
    ]),
    ...outputs.flatMap((part) => (part.kind === 'value' ? needsOfOperand(part.operand) : [])),
    ...rule.extraFields.flatMap((extra) => (extra.kind === 'field' ? (extra.field.needs ?? []) : [])),
  ];
}

function needsOfOperand<E>(operand: CheckedOperand<E>): readonly string[] {
  if (operand.kind === 'field') return operand.field.needs ?? [];
  return operand.args.flatMap(function inArgument(argument): readonly string[] {
    if (argument.kind === 'constant') return [];
    return argument.kind === 'list' ? argument.items.flatMap(inArgument) : needsOfOperand(argument);
  });
}
