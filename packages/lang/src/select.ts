/** Which of the loaded rules run: minimum priority, and the selections of a configuration. */

import type { CheckedRule } from './3-check/checked.ts';

/** Enables or disables the rules whose name matches, and those with the tag. */
export interface RuleSelection {
  readonly action: 'enable' | 'disable';
  /** A name, `*` standing for anything. */
  readonly rule?: string | undefined;
  readonly tag?: string | undefined;
}

/**
 * The rules with `isEnabled` settled: those that run first, in the order in which they are tried. That is the order
 * of definition, but a rule that a selection enables comes after those enabled before it. Rules less urgent than
 * `minimumPriority` (a number from 0 Emergency to 7 Debug) never run.
 */
export function selectRules<E>(
  rules: readonly CheckedRule<E>[],
  selections: readonly RuleSelection[],
  minimumPriority = 7,
): readonly CheckedRule<E>[] {
  const eligible = rules.filter(({ priority }) => priority <= minimumPriority);
  const enabled = new Set(eligible.filter(({ isEnabled }) => isEnabled));
  for (const { action, rule: pattern, tag } of selections) {
    const wanted = eligible.filter(
      ({ name, tags }) =>
        (pattern !== undefined && matchesWildcard(name, pattern)) ||
        (tag !== undefined && tags.includes(tag)),
    );
    for (const rule of wanted) {
      if (action === 'enable') enabled.add(rule);
      else enabled.delete(rule);
    }
  }
  return [
    ...[...enabled].map((rule) => withEnabled(rule, true)),
    ...rules.filter((rule) => !enabled.has(rule)).map((rule) => withEnabled(rule, false)),
  ];
}

function withEnabled<E>(rule: CheckedRule<E>, isEnabled: boolean): CheckedRule<E> {
  return rule.isEnabled === isEnabled ? rule : { ...rule, isEnabled };
}

/**
 * Whether `text` matches `pattern`, letter case counting.
 *
 * COMPAT: what stands behind a `*` is taken where it occurs first, without trying later places, and nothing may be
 * left over: `*b` does not match `abcb` (Falco 0.45).
 */
export function matchesWildcard(text: string, pattern: string): boolean {
  const literals = pattern.split('*');
  const [first = ''] = literals;
  if (literals.length === 1) return text === pattern;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const literal of literals.slice(1)) {
    const found = text.indexOf(literal, at);
    if (found < 0) return false;
    at = found + literal.length;
  }
  return pattern.endsWith('*') || at === text.length;
}
