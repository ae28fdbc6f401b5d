/** Rules made into one function for each event code. */

import type { TermCache } from '@peregrine/base';
import { TermCache as Cache } from '@peregrine/base';
import type { CheckedRule } from '../3-check/checked.ts';
import type { Source } from '../catalogue.ts';
import { emitPlan } from './emit.ts';
import type { Plan } from './plan.ts';
import { type PlanOptions, planRules } from './plan-rules.ts';
import { ValueMemo } from './value-memo.ts';

/** Writes the positions of matching rules into `hits`, ascending, and returns their number. HOT. */
export type MatchFunction<E> = (event: E, hits: Int32Array) => number;

export interface CompiledRules<E> {
  /** By event code; `undefined` where no rule can match. */
  readonly byCode: readonly (MatchFunction<E> | undefined)[];
  readonly plan: Plan<E>;
  /** The generated code, for people. */
  readonly source: string;
}

export type CompileOptions = PlanOptions;

/** 32-bit words that one memo may hold; its texts are as many as fit. */
const MOST_MEMO_WORDS = 65_536;
const MOST_MEMO_TEXTS = 8_192;

export function compileRules<E>(
  rules: readonly CheckedRule<E>[],
  source: Source<E>,
  options: CompileOptions,
): CompiledRules<E> {
  const plan = planRules(rules, source, options);
  const { source: code, supplies, functionOfCode } = emitPlan(plan);
  const memos = plan.memos.map((memo) => {
    const words = Math.max(1, memo.wordCount());
    return new ValueMemo(words, Math.max(64, Math.min(MOST_MEMO_TEXTS, Math.floor(MOST_MEMO_WORDS / words))));
  });
  const create = new Function('readers', 'constants', 'tests', 'memos', 'threadCache', code);
  const functions: readonly MatchFunction<E>[] = create(
    supplies.readers,
    supplies.constants,
    supplies.tests,
    memos,
    createThreadCache(source, plan.thread.wordCount()),
  );
  return {
    byCode: functionOfCode.map((i) => (i === undefined ? undefined : functions[i])),
    plan,
    source: code,
  };
}

/** The cache of the event's thread, made ready for this set of rules; for events without one, an empty cache. HOT. */
function createThreadCache<E>(source: Source<E>, words: number): (event: E) => TermCache {
  const generation = newGeneration();
  const spare = new Cache();
  return (event) => {
    const own = source.termCacheOf(event);
    if (own !== undefined) return own.prepare(generation, words);
    spare.prepare(generation, words);
    spare.reset();
    return spare;
  };
}

/** Random, so that verdicts kept for one set of rules are never taken for another's. */
function newGeneration(): number {
  return Math.floor(Math.random() * 2 ** 52);
}
