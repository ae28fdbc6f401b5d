/** Makes the plan of a set of rules for an event code: decides what it can by the code alone, and shares out the rest. */

import type { CheckedRule } from '../3-check/checked.ts';
import type { BoundField, Source } from '../catalogue.ts';
import { createDecider, type Decider } from './decide.ts';
import { type CodeVerdict, Folder } from './folder.ts';
import {
  type CodePlan,
  Domain,
  type Expression,
  type Matching,
  type Memo,
  type PlanFrame,
  type Step,
} from './plan.ts';
import { conjunctsOf, falseTerm, junction, type Term, TermMaker, testTerm } from './term.ts';
import { isTextField, TestTable } from './test-table.ts';

/** Comparisons on one field that together cost less, in nanoseconds, are not worth a look-up in a memo. */
const LEAST_MEMO_COST = 60;
/** A look-up in a memo, in nanoseconds. */
const MEMO_COST = 25;
/** Thread parts that a thread has not settled yet, in nanoseconds for each step. */
const THREAD_COST = 80;
/** The same for one term inside others. */
const LEAST_EXTRA_COST = 30;

/** A test of the thread that costs no more, in nanoseconds, is cheaper to repeat than to keep. */
const MOST_REPEATED_COST = 8;

/** A rule with what is left of its condition for one code. */
interface OpenRule {
  readonly position: number;
  readonly conjuncts: readonly Term[];
}

export interface PlanOptions {
  /** `first`: the first rule that matches, in order. `all`: every one. */
  readonly matching: Matching;
  /** In place of `LEAST_MEMO_COST`, to measure what memos are worth. */
  readonly leastMemoCost?: number;
}

/**
 * Plans a code when it is asked to: few of the codes that rules want ever arrive, and those that do should not wait for
 * the others.
 */
export class RulePlanner<E> {
  readonly frame: PlanFrame<E>;
  readonly #rules: readonly CheckedRule<E>[];
  readonly #leastMemoCost: number;
  readonly #terms: TermMaker<E>;
  readonly #decide: Decider<E>;
  readonly #deciders: CodeVerdict[] = [];
  readonly #folders: (Folder | undefined)[] = [];
  readonly #planByKey = new Map<string, CodePlan<E>>();

  constructor(rules: readonly CheckedRule<E>[], source: Source<E>, options: PlanOptions) {
    const tests = new TestTable<E>();
    this.#rules = rules;
    this.#leastMemoCost = options.leastMemoCost ?? LEAST_MEMO_COST;
    this.#terms = new TermMaker(tests);
    this.#decide = createDecider(source);
    this.frame = { matching: options.matching, tests, thread: new Domain(rules.length) };
  }

  /** `undefined` where no rule can match. Codes that settle all conditions alike have the same plan. */
  planOf(code: number): CodePlan<E> | undefined {
    const open: OpenRule[] = [];
    let key = '';
    for (const [position, rule] of this.#rules.entries()) {
      if (!rule.eventCodes.has(code)) continue;
      const variant = this.#folderOf(position, rule).variantFor(code);
      if (variant.term === falseTerm) continue;
      open.push({ position, conjuncts: conjunctsOf(variant.term) });
      key += `${position}:${variant.number} `;
    }
    if (open.length === 0) return undefined;
    let plan = this.#planByKey.get(key);
    if (plan === undefined) {
      plan = new CodePlanner(this.frame, this.#rules.length, open, this.#leastMemoCost).plan();
      this.#planByKey.set(key, plan);
    }
    return plan;
  }

  #folderOf(position: number, rule: CheckedRule<E>): Folder {
    let folder = this.#folders[position];
    if (folder === undefined) {
      const term = this.#terms.termOf(rule.condition);
      const { entries } = this.frame.tests;
      for (let id = this.#deciders.length; id < entries.length; id++) {
        const entry = entries[id];
        this.#deciders.push(entry && this.#decide(entry.test));
      }
      folder = new Folder(term, this.#deciders);
      this.#folders[position] = folder;
    }
    return folder;
  }
}

class CodePlanner<E> {
  readonly #tests: TestTable<E>;
  readonly #thread: Domain;
  readonly #ruleCount: number;
  readonly #open: readonly OpenRule[];
  readonly #leastMemoCost: number;
  /** In how many rules each test occurs. */
  readonly #usesOfTest: number[] = [];
  readonly #memoByField = new Map<string, number>();
  readonly #memos: Memo<E>[] = [];

  constructor(
    { tests, thread }: PlanFrame<E>,
    ruleCount: number,
    open: readonly OpenRule[],
    leastMemoCost: number,
  ) {
    this.#tests = tests;
    this.#thread = thread;
    this.#ruleCount = ruleCount;
    this.#open = open;
    this.#leastMemoCost = leastMemoCost;
    for (const { conjuncts } of open) {
      for (const id of new Set(conjuncts.flatMap(({ testIds }) => testIds))) {
        this.#usesOfTest[id] = (this.#usesOfTest[id] ?? 0) + 1;
      }
    }
  }

  plan(): CodePlan<E> {
    const open = this.#open;
    const memoFields = this.#fieldsWorthAMemo(open);
    const threadRules: number[] = [];
    const memoRules = new Map<string, number[]>();
    const shared = new Map<string, { term: Term; rules: number[] }>();
    for (const { position, conjuncts } of open) {
      const parts = Map.groupBy(conjuncts, (term) => this.#homeOf(term, memoFields));
      const rest = [...(parts.get('event') ?? [])];
      for (const [home, terms] of parts) {
        if (home === 'event') continue;
        const part = this.#ordered(junction('and', terms));
        const domain = home === 'thread' ? this.#thread : this.#memoOf(home);
        if (!domain.takePart(position, part)) rest.push(part);
        else if (home === 'thread') threadRules.push(position);
        else listIn(memoRules, home).push(position);
      }
      for (const term of rest) {
        const entry = shared.get(term.key) ?? { term, rules: [] };
        entry.rules.push(position);
        shared.set(term.key, entry);
      }
    }
    const steps: { step: Step; worth: number }[] = [];
    for (const [field, rules] of memoRules) {
      const cost = MEMO_COST + (memoFields.get(field)?.cost ?? 0);
      steps.push({ step: { kind: 'kept', memo: this.#memoIndex(field), rules }, worth: rules.length / cost });
    }
    if (threadRules.length > 0) {
      const step = { kind: 'kept', memo: undefined, rules: threadRules } as const;
      steps.push({ step, worth: threadRules.length / THREAD_COST });
    }
    const alike = Map.groupBy(shared.values(), ({ rules }) => rules.join(' '));
    for (const [{ rules }, terms] of [...alike.values()].map((group) => [first(group), group] as const)) {
      if (rules.length < 2) continue;
      const all = junction(
        'and',
        terms.map(({ term }) => term),
      );
      const test = this.#expressionOf(all, memoFields);
      steps.push({
        step: { kind: 'test', test, rules },
        worth: rules.length / this.#costOf(all, memoFields),
      });
    }
    steps.sort((a, b) => b.worth - a.worth);
    return {
      rules: open.map(({ position }) => ({
        position,
        rest: this.#cheapestFirst(
          (alike.get(`${position}`) ?? []).map(({ term }) => term),
          memoFields,
        ).map((term) => this.#expressionOf(term, memoFields)),
      })),
      threadRules,
      steps: steps.map(({ step }) => step),
      memos: this.#memos,
    };
  }

  /** `thread`, the text of a field that has a memo, or `event`. */
  #homeOf(term: Term, memoFields: ReadonlyMap<string, BoundField<E>>): string {
    const entries = term.testIds.map((id) => this.#tests.entry(id));
    if (entries.every((entry) => entry.isOfThread)) return 'thread';
    const text = entries[0]?.field?.text;
    if (text === undefined || !memoFields.has(text)) return 'event';
    return entries.every((entry) => entry.field?.text === text) ? text : 'event';
  }

  /** Fields of this code whose comparisons cost enough, all rules taken together. */
  #fieldsWorthAMemo(open: readonly OpenRule[]): ReadonlyMap<string, BoundField<E>> {
    const ids = new Set(open.flatMap(({ conjuncts }) => conjuncts.flatMap(({ testIds }) => testIds)));
    const costs = new Map<string, { field: BoundField<E>; cost: number }>();
    for (const id of ids) {
      const { field, compareCost, isOfThread } = this.#tests.entry(id);
      if (field === undefined || isOfThread || !isTextField(field)) continue;
      const entry = costs.get(field.text) ?? { field, cost: 0 };
      entry.cost += compareCost;
      costs.set(field.text, entry);
    }
    const worthy = [...costs].filter(([, { cost }]) => cost >= this.#leastMemoCost);
    return new Map(worthy.map(([text, { field }]) => [text, field]));
  }

  /** Gives bits to the largest terms inside that the thread or one text decides. */
  #expressionOf(term: Term, memoFields: ReadonlyMap<string, BoundField<E>>): Expression {
    const home = this.#homeOf(term, memoFields);
    if (home === 'thread' && !this.#isCheapTest(term)) {
      return bitExpression(undefined, this.#thread, this.#ordered(term));
    }
    if (home !== 'event' && this.#compareCostOf(term) >= LEAST_EXTRA_COST) {
      const memo = this.#memoIndex(home);
      return bitExpression(memo, this.#memoOf(home), this.#ordered(term));
    }
    if (term.kind === 'test') return { kind: 'test', id: term.id, isNegated: term.isNegated };
    if (term.kind === 'constant') throw new Error('a constant is left in a term');
    const { kind } = term;
    if (home !== 'event') {
      return {
        kind,
        terms: this.#cheapestFirst(term.terms, memoFields).map((each) =>
          this.#expressionOf(each, memoFields),
        ),
      };
    }
    const groups = Map.groupBy(term.terms, (each) => this.#homeOf(each, memoFields));
    const parts = [...groups].flatMap(([group, terms]) =>
      group === 'event' ? terms : [junction(kind, terms)],
    );
    return {
      kind,
      terms: this.#cheapestFirst(parts, memoFields).map((each) => this.#expressionOf(each, memoFields)),
    };
  }

  #isCheapTest(term: Term): boolean {
    return term.kind === 'test' && this.#tests.entry(term.id).cost <= MOST_REPEATED_COST;
  }

  #memoOf(field: string): Memo<E> {
    const memo = this.#memos[this.#memoIndex(field)];
    if (memo === undefined) throw new Error(`no memo for ${field}`);
    return memo;
  }

  #memoIndex(text: string): number {
    const known = this.#memoByField.get(text);
    if (known !== undefined) return known;
    const field = this.#tests.entries.find((entry) => entry.field?.text === text)?.field;
    if (field === undefined) throw new Error(`no test reads ${text}`);
    const index = this.#memos.length;
    this.#memos.push(Object.assign(new Domain(this.#ruleCount), { field }));
    this.#memoByField.set(text, index);
    return index;
  }

  /** Terms that the thread decides cost next to nothing, and fields with a memo have been read by then. */
  #costOf(term: Term, memoFields: ReadonlyMap<string, BoundField<E>>): number {
    if (this.#homeOf(term, noFields) === 'thread') return 2;
    let sum = 1;
    for (const id of term.testIds) {
      const { field, compareCost, cost } = this.#tests.entry(id);
      sum += field !== undefined && memoFields.has(field.text) ? compareCost : cost;
    }
    return sum;
  }

  #compareCostOf(term: Term): number {
    return term.testIds.reduce((sum, id) => sum + this.#tests.entry(id).compareCost, 0);
  }

  /** What decides soonest first: cheap tests, and those that many rules share, since they are worked out once. */
  #ordered(term: Term): Term {
    if (term.kind === 'test' || term.kind === 'constant') return term;
    const weight = (each: Term): number => {
      let uses = 1;
      let cost = 1;
      for (const id of each.testIds) {
        uses = Math.max(uses, this.#usesOfTest[id] ?? 1);
        cost += this.#tests.entry(id).cost;
      }
      return cost / uses;
    };
    return {
      ...term,
      terms: lightestFirst(
        term.terms.map((each) => this.#ordered(each)),
        weight,
      ),
    };
  }

  #cheapestFirst(terms: readonly Term[], memoFields: ReadonlyMap<string, BoundField<E>>): readonly Term[] {
    return terms.length < 2 ? terms : lightestFirst(terms, (term) => this.#costOf(term, memoFields));
  }
}

const noFields: ReadonlyMap<string, never> = new Map<string, never>();

function first<T>(group: readonly T[]): T {
  const [item] = group;
  if (item === undefined) throw new Error('a group is empty');
  return item;
}

/** Weighs each term once. */
function lightestFirst(terms: readonly Term[], weightOf: (term: Term) => number): readonly Term[] {
  const weighed = terms.map((term) => ({ term, weight: weightOf(term) }));
  return weighed.sort((a, b) => a.weight - b.weight).map(({ term }) => term);
}

/** A negated test shares the bit of the test. */
function bitExpression(memo: number | undefined, domain: Domain, term: Term): Expression {
  if (term.kind === 'test' && term.isNegated) {
    return { kind: 'bit', memo, bit: domain.extraBit(testTerm(term.id, false)), isNegated: true };
  }
  return { kind: 'bit', memo, bit: domain.extraBit(term), isNegated: false };
}

function listIn(lists: Map<string, number[]>, key: string): number[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}
