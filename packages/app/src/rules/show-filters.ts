/** What the kernel would report for the rules of a setup, and for whom: plain data, and the same for people. */

import { ALWAYS_FLAG, type KernelFilters, openResult, type PathNeed } from '@peregrine/engine';
import { eventFlag, eventTypeOf, flagTable } from '@peregrine/events';
import type { CheckedRule } from '@peregrine/lang';
import { type EventContext, StateEngine } from '@peregrine/state';
import { prepareRules } from '../detection/detector.ts';
import { kernelFiltersOf } from '../detection/kernel-filters.ts';
import type { Setup } from '../detection/setup.ts';
import type { RulesReport } from './load-rules.ts';

export interface ShownCondition {
  /** `success`, `failure` or `any`. */
  readonly result: string;
  /** One of these; all when there is none. */
  readonly flags: readonly string[];
  /** One of these patterns; any path when there is none. */
  readonly paths: readonly string[];
  readonly rules: readonly string[];
}

export interface ShownEvent {
  readonly event: string;
  readonly code: number;
  /**
   * `when-used`: accepts of TCP connections wait for a reported event that uses one; `not-untold`: all but what goes
   * over connections whose accept waits.
   */
  readonly passes: 'all' | 'matching' | 'known-fd' | 'when-used' | 'not-untold';
  /** With `matching`: one of these takes the event. */
  readonly conditions: readonly ShownCondition[];
  /** Rules that speak of the event. */
  readonly rules: readonly string[];
  /** Whether the tables follow it. */
  readonly isForTables: boolean;
}

export interface ShownFilters {
  /** Why nothing is left out. */
  readonly offReason: string | undefined;
  readonly events: readonly ShownEvent[];
}

export function showFilters(setup: Setup): {
  readonly report: RulesReport;
  readonly filters: ShownFilters | undefined;
} {
  const { ruleset, source, report } = prepareRules(setup);
  if (ruleset === undefined) return { report, filters: undefined };
  const filters = kernelFiltersOf(ruleset, source, setup.config);
  const { offReason, opens, openCodes } = filters;
  const conditions = opens.map(({ results, flags, path, rules }) => ({
    result: resultNames[results] ?? '',
    flags: flags === ALWAYS_FLAG ? [] : flagNamesOf(flags),
    paths: pathsOf(path),
    rules,
  }));
  const tables = new StateEngine({ needs: ruleset.needs }).wantedCodes();
  const events = [...tables.keys()].flatMap((code): ShownEvent[] => {
    const type = eventTypeOf(code);
    const rules = rulesFor(ruleset.rules, code);
    const isForTables = tables[code] === 1;
    if (
      type === undefined ||
      type.direction !== 'exit' ||
      (type.flags & eventFlag.oldVersion) !== 0 ||
      (rules.length === 0 && !isForTables)
    )
      return [];
    const isOpen = openCodes.includes(code);
    return [
      {
        event: type.name,
        code,
        passes: passesOf(filters, code),
        conditions: isOpen ? conditions : [],
        rules,
        isForTables,
      },
    ];
  });
  return { report, filters: { offReason, events } };
}

function passesOf(
  { openCodes, knownFdCodes, untoldCodes, messageCodes }: KernelFilters,
  code: number,
): ShownEvent['passes'] {
  if (openCodes.includes(code)) return 'matching';
  if (knownFdCodes.includes(code)) return 'known-fd';
  if (untoldCodes.includes(code)) return 'when-used';
  return messageCodes.includes(code) ? 'not-untold' : 'all';
}

const resultNames: Readonly<Record<number, string>> = {
  [openResult.success]: 'success',
  [openResult.failure]: 'failure',
  [openResult.either]: 'any',
};

function pathsOf(path: PathNeed): readonly string[] {
  return path === true
    ? []
    : path.map(({ subject, text }) => (subject === 'given' ? `${text} (as given)` : text));
}

function flagNamesOf(flags: number): readonly string[] {
  const entries = flagTable('file_flags')?.entries ?? [];
  const isOneBit = (bits: number): boolean => (bits & (bits - 1)) === 0;
  return entries.filter(([, bits]) => isOneBit(bits) && (bits & flags) !== 0).map(([name]) => name);
}

function rulesFor(rules: readonly CheckedRule<EventContext>[], code: number): readonly string[] {
  return rules.filter(({ eventCodes }) => eventCodes.has(code)).map(({ name }) => name);
}
