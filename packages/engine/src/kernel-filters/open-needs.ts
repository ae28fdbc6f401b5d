/**
 * What a rule's condition implies for the calls that open files, in terms that the kernel can test: flags, success or
 * failure, and the path. Whatever else a condition asks is taken to hold, so that no match is lost.
 */

import { unreachable } from '@peregrine/base';
import {
  type CheckedCondition,
  type CheckedTest,
  type Constant,
  type Decider,
  plainFieldOf,
  prepareScalarTest,
} from '@peregrine/lang';
import type { EventContext } from '@peregrine/state';
import { type PathPattern, type PatternStep, patternKey, patternsOf } from './path-pattern.ts';

/** Bits of `OpenNeed.results`. */
export const openResult = { success: 1, failure: 2, either: 3 } as const;
/** A flag of every open, beside those of the wire. */
export const ALWAYS_FLAG = 2 ** 31;

/** Patterns of which one matches; `true` takes every path. */
export type PathNeed = true | readonly PathPattern[];

/** Opens with one of these results, one of these flags of the wire, and such a path. */
export interface OpenNeed {
  readonly results: number;
  readonly flags: number;
  readonly path: PathNeed;
}

type Condition = CheckedCondition<EventContext>;
type Test = CheckedTest<EventContext>;

export const anyOpen: OpenNeed = Object.freeze({
  results: openResult.either,
  flags: ALWAYS_FLAG,
  path: true,
});

const READ_ONLY = 1;
const WRITE_ONLY = 2;
const CREATE = 1 << 2;
const TEMPORARY = 1 << 13;
const WAS_CREATED = 1 << 14;

/** Flags of which one is set where such a field is true. */
const flagsOfField: Readonly<Record<string, number>> = {
  'evt.is_open_read': READ_ONLY,
  'evt.is_open_write': WRITE_ONLY,
  'evt.is_open_exec': CREATE | TEMPORARY,
  'evt.is_open_create': WAS_CREATED | TEMPORARY,
};
const namedFlags: Readonly<Record<string, number>> = {
  O_CREAT: CREATE,
  O_APPEND: 1 << 3,
  O_EXCL: 1 << 5,
  O_TRUNC: 1 << 8,
  O_DIRECTORY: 1 << 10,
};
const LEAST_RESULT = -4_095;
/** More alternatives than this are one that takes all of theirs. */
const MOST_NEEDS = 64;
/** What every name becomes that is too long: it says nothing of the path that was given. */
const TOO_LONG = '/DIR_TOO_LONG/FILENAME_TOO_LONG';

/** Alternatives of which one holds for every opening call of the code that the condition holds for. */
export function openNeedsOf(
  condition: Condition,
  code: number,
  decide: Decider<EventContext>,
): readonly OpenNeed[] {
  return needsOf(condition, false, (test) => decide(test)?.(code));
}

type Verdict = (test: Test) => boolean | undefined;

function needsOf(condition: Condition, isNegated: boolean, verdictOf: Verdict): readonly OpenNeed[] {
  switch (condition.kind) {
    case 'not':
      return needsOf(condition.term, !isNegated, verdictOf);
    case 'junction': {
      const parts = condition.terms.map((term) => needsOf(term, isNegated, verdictOf));
      return (condition.operator === 'and') !== isNegated
        ? parts.reduce(both, [anyOpen])
        : merged(parts.flat());
    }
    case 'test': {
      const verdict = verdictOf(condition);
      if (verdict !== undefined) return verdict === isNegated ? [] : [anyOpen];
      return needsOfTest(condition, isNegated);
    }
    default:
      return unreachable(condition);
  }
}

function both(left: readonly OpenNeed[], right: readonly OpenNeed[]): readonly OpenNeed[] {
  if (right.length === 1 && right[0] === anyOpen) return left;
  const joined = left.flatMap((one) =>
    right.flatMap((other) => {
      const results = one.results & other.results;
      return results === 0
        ? []
        : [{ results, flags: narrower(one.flags, other.flags), path: andPath(one.path, other.path) }];
    }),
  );
  return merged(joined);
}

/** One of both is enough: the one with fewer flags. */
function narrower(one: number, other: number): number {
  if (one === ALWAYS_FLAG) return other;
  return other === ALWAYS_FLAG || bitCount(one) <= bitCount(other) ? one : other;
}

function bitCount(word: number): number {
  let count = 0;
  for (let rest = word; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** Those with equal results and flags as one. */
function eitherPath(one: OpenNeed, other: OpenNeed): OpenNeed {
  return { ...one, path: orPath(one.path, other.path) };
}

export function merged(needs: readonly OpenNeed[]): readonly OpenNeed[] {
  const groups = [...Map.groupBy(needs, ({ results, flags }) => `${results} ${flags}`).values()];
  const all = groups.map((group) => group.reduce(eitherPath));
  return all.length <= MOST_NEEDS ? all : [all.reduce(union)];
}

/** Takes what either takes. */
export function union(one: OpenNeed, other: OpenNeed): OpenNeed {
  return {
    results: one.results | other.results,
    flags: one.flags === ALWAYS_FLAG || other.flags === ALWAYS_FLAG ? ALWAYS_FLAG : one.flags | other.flags,
    path: orPath(one.path, other.path),
  };
}

/** One of both is enough: the one with fewer patterns, and of those the longer. */
function andPath(one: PathNeed, other: PathNeed): PathNeed {
  if (one === true) return other;
  if (other === true || one.length < other.length) return one;
  return other.length < one.length || shortest(other) > shortest(one) ? other : one;
}

function shortest(patterns: readonly PathPattern[]): number {
  return Math.min(...patterns.map(({ text }) => text.length));
}

function orPath(one: PathNeed, other: PathNeed): PathNeed {
  if (one === true || other === true) return true;
  const byText = new Map([...one, ...other].map((pattern) => [patternKey(pattern), pattern]));
  return [...byText.values()];
}

function needsOfTest(test: Test, isNegated: boolean): readonly OpenNeed[] {
  const field = plainFieldOf(test);
  if (field === undefined || test.right.kind !== 'constants') return [anyOpen];
  const flags = flagsOfField[field.text];
  if (flags !== undefined) {
    const holds = prepareScalarTest(test);
    if (holds(false) !== isNegated) return [anyOpen];
    return holds(true) !== isNegated ? [{ ...anyOpen, flags }] : [];
  }
  switch (field.text) {
    case 'evt.failed':
    case 'evt.res':
    case 'evt.rawres':
    case 'fd.num':
      return ofResults(resultsOf(test, field.text, isNegated));
    case 'evt.arg.flags':
      return isNegated ? [anyOpen] : needsOfFlagText(test, test.right.values);
    default:
      return isNegated ? [anyOpen] : needsOfPath(test);
  }
}

function ofResults(results: number): readonly OpenNeed[] {
  return results === 0 ? [] : [{ ...anyOpen, results }];
}

/** Which results the test may hold for; what is not certain counts. */
function resultsOf(test: Test, field: string, isNegated: boolean): number {
  const holds = prepareScalarTest(test);
  const isFor = (value: number | boolean | string): boolean => holds(value) !== isNegated;
  const bits = (success: boolean, failure: boolean): number =>
    (success ? openResult.success : 0) | (failure ? openResult.failure : 0);
  switch (field) {
    case 'evt.failed':
      return bits(isFor(false), isFor(true));
    case 'evt.res': {
      const isOfSuccess = ['=', '!='].includes(test.operator) && onlySuccess(test);
      return bits(isFor('SUCCESS'), !isOfSuccess || isFor(''));
    }
    default:
      return bits(results(test, 0).some(isFor), results(test, LEAST_RESULT).some(isFor));
  }
}

function onlySuccess({ right }: Test): boolean {
  return right.kind === 'constants' && right.values.every(({ text }) => text === 'SUCCESS');
}

/** From `least` on, one number for each stretch in which the test's verdict is the same. */
function results({ right }: Test, least: number): readonly number[] {
  if (least < 0) return Array.from({ length: -least }, (_, index) => least + index);
  const constants = right.kind === 'constants' ? right.values : [];
  const near = constants.flatMap((constant) => {
    const value = constant.kind === 'scalar' ? Number(constant.value) : 0;
    return [value - 1, value, value + 1];
  });
  return [0, ...near].filter((value) => value >= 0);
}

/** `evt.arg.flags contains O_TRUNC`: the text names flags that are set. */
function needsOfFlagText(test: Test, constants: readonly Constant[]): readonly OpenNeed[] {
  const flags = constants.map(({ text }) => namedFlags[text]);
  if (test.operator !== 'contains' || flags.length === 0) return [anyOpen];
  let all = 0;
  for (const flag of flags) {
    if (flag === undefined) return [anyOpen];
    all |= flag;
  }
  return [{ ...anyOpen, flags: all }];
}

function needsOfPath(test: Test): readonly OpenNeed[] {
  const patterns = patternsOf(test);
  if (patterns === undefined || patterns.length === 0 || patterns.some(takesTooLong)) return [anyOpen];
  return [{ ...anyOpen, path: patterns }];
}

function takesTooLong({ subject, steps }: PathPattern): boolean {
  return subject === 'resolved' && takes(steps, TOO_LONG);
}

/** Whether the steps lead through all of the text. */
function takes(steps: readonly PatternStep[], text: string): boolean {
  let reached = withoutRuns(steps, new Set([0]));
  for (const sign of text) {
    const next = new Set<number>();
    for (const at of reached) {
      const step = steps[at];
      if (step === 'any' || step === sign.charCodeAt(0)) next.add(at + 1);
      else if (step === 'any-run' || (step === 'name-run' && sign !== '/')) next.add(at);
    }
    reached = withoutRuns(steps, next);
  }
  return reached.has(steps.length);
}

/** Runs may be empty: adds where they end. */
function withoutRuns(steps: readonly PatternStep[], reached: Set<number>): ReadonlySet<number> {
  for (const at of reached) if (steps[at] === 'any-run' || steps[at] === 'name-run') reached.add(at + 1);
  return reached;
}
