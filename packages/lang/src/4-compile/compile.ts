/** Rules made into one function for each event code, when the first event of the code arrives. */

import type { TermCache } from '@peregrine/base';
import { TermCache as Cache } from '@peregrine/base';
import type { CheckedRule } from '../3-check/checked.ts';
import type { Source } from '../catalogue.ts';
import { emitLater, emitPlan, emittedParameters, rulesSetApart } from './emit.ts';
import { SupplyNames } from './emit-tests.ts';
import type { CodePlan, Domain } from './plan.ts';
import { type PlanOptions, RulePlanner } from './plan-rules.ts';
import type { EventTest } from './prepare-test.ts';
import { ValueMemo } from './value-memo.ts';

/** Writes the positions of matching rules into `hits`, ascending, and returns their number. HOT. */
export type MatchFunction<E> = (event: E, hits: Int32Array) => number;

export interface CompiledRules<E> {
  /**
   * By event code; `undefined` where no rule wants the code. A code's function is made when its first event arrives, and
   * then takes its place here: look functions up anew for each event.
   */
  readonly byCode: readonly (MatchFunction<E> | undefined)[];
  /** The generated code, for people, with the functions of single rules; `undefined` where no rule can match. */
  sourceOf(code: number): string | undefined;
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
  const compiler = new Compiler(rules, source, options);
  const byCode = new Array<MatchFunction<E> | undefined>(source.eventCodeCount).fill(undefined);
  const compileFirst: MatchFunction<E> = (event, hits) => {
    const code = source.codeOf(event);
    const match = compiler.functionOf(code);
    byCode[code] = match;
    return match(event, hits);
  };
  for (const rule of rules) for (const code of rule.eventCodes) byCode[code] = compileFirst;
  return { byCode, sourceOf: (code) => compiler.sourceOf(code) };
}

class Compiler<E> {
  readonly #planner: RulePlanner<E>;
  readonly #names = new SupplyNames<E>();
  readonly #threads: ThreadCaches<E>;
  readonly #functionByPlan = new Map<CodePlan<E>, MatchFunction<E>>();

  constructor(rules: readonly CheckedRule<E>[], source: Source<E>, options: CompileOptions) {
    this.#planner = new RulePlanner(rules, source, options);
    this.#threads = new ThreadCaches(source);
  }

  sourceOf(code: number): string | undefined {
    const plan = this.#planner.planOf(code);
    if (plan === undefined) return undefined;
    const { frame } = this.#planner;
    const later = rulesSetApart(plan).map((rule) => emitLater(frame, plan, rule, this.#names));
    return [emitPlan(frame, plan, this.#names), ...later].join('');
  }

  functionOf(code: number): MatchFunction<E> {
    const plan = this.#planner.planOf(code);
    if (plan === undefined) return matchNone;
    let match = this.#functionByPlan.get(plan);
    if (match === undefined) {
      match = this.#compile(plan);
      this.#functionByPlan.set(plan, match);
    }
    return match;
  }

  #compile(plan: CodePlan<E>): MatchFunction<E> {
    const { frame } = this.#planner;
    this.#threads.wordCount = frame.thread.wordCount();
    const memos = plan.memos.map(memoFor);
    const later: EventTest<E>[] = [];
    for (const rule of rulesSetApart(plan)) {
      later[rule.position] = (event) => {
        const test = this.#create<EventTest<E>>(emitLater(frame, plan, rule, this.#names), memos, later);
        later[rule.position] = test;
        return test(event);
      };
    }
    return this.#create(emitPlan(frame, plan, this.#names), memos, later);
  }

  /** What the code makes, which the caller knows. */
  #create<F>(code: string, memos: readonly ValueMemo[], later: readonly EventTest<E>[]): F {
    const { readers, constants, tests } = this.#names.supplies;
    const create = new Function(...emittedParameters, code);
    return create(readers, constants, tests, memos, this.#threads.cacheOf, later);
  }
}

function matchNone(): number {
  return 0;
}

function memoFor(memo: Domain): ValueMemo {
  const words = memo.wordCount();
  return new ValueMemo(words, Math.max(64, Math.min(MOST_MEMO_TEXTS, Math.floor(MOST_MEMO_WORDS / words))));
}

/** Caches of threads, made ready for one set of rules. */
class ThreadCaches<E> {
  /** Grows with the codes that are compiled; caches made for fewer words are emptied. */
  wordCount = 0;
  /** The cache of the event's thread; for events without one, an empty cache. HOT. */
  readonly cacheOf: (event: E) => TermCache;

  constructor(source: Source<E>) {
    const generation = {};
    const spare = new Cache();
    this.cacheOf = (event) => {
      const own = source.termCacheOf(event);
      if (own !== undefined) return own.prepare(generation, this.wordCount);
      spare.prepare(generation, this.wordCount);
      spare.reset();
      return spare;
    };
  }
}
