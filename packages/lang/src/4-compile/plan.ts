/**
 * What compiled rules will do with events of one code, as data: which rules may match, as bits; steps that strike out many
 * of them at once (what the thread decides, what one text decides, tests that several rules share); and what is left to
 * test for each rule alone.
 */

import type { BoundField } from '../catalogue.ts';
import type { Term } from './term.ts';
import type { TestTable } from './test-table.ts';

export type Matching = 'first' | 'all';

/** What the plans of all codes share. */
export interface PlanFrame<E> {
  readonly matching: Matching;
  readonly tests: TestTable<E>;
  /** Terms whose verdicts are kept with the event's thread; more may come with each code that is planned. */
  readonly thread: Domain;
}

export interface CodePlan<E> {
  /** Ascending; each has its bit: position 40 is bit 8 of word 1. */
  readonly rules: readonly RulePlan[];
  /** Rules whose thread part has their own bit in the thread's words: those known to fail are struck out at once. */
  readonly threadRules: readonly number[];
  /** In the order that they are worth taking. */
  readonly steps: readonly Step[];
  /** Terms whose verdicts are kept by the value of one text field. */
  readonly memos: readonly Memo<E>[];
}

export interface RulePlan {
  readonly position: number;
  /** What no step has tested, cheapest first; all must hold. */
  readonly rest: readonly Expression[];
}

/** A term as an event's function works it out: by testing, or by looking at a kept verdict. */
export type Expression =
  | { readonly kind: 'test'; readonly id: number; readonly isNegated: boolean }
  /** `memo` is absent for the thread's words. */
  | {
      readonly kind: 'bit';
      readonly memo: number | undefined;
      readonly bit: number;
      readonly isNegated: boolean;
    }
  | { readonly kind: 'and' | 'or'; readonly terms: readonly Expression[] };

/** Strikes out `rules` where it fails. */
export type Step =
  | { readonly kind: 'test'; readonly test: Expression; readonly rules: readonly number[] }
  /** Each rule's own bit in the memo's words, or in the thread's where `memo` is absent; works out what is not known. */
  | { readonly kind: 'kept'; readonly memo: number | undefined; readonly rules: readonly number[] };

export interface Memo<E> extends Domain {
  readonly field: BoundField<E>;
}

/** Numbers terms whose verdicts are kept together. Bit `position` is for that rule's part, where it has one. */
export class Domain {
  readonly #parts: (Term | undefined)[];
  readonly #extras: Term[] = [];
  readonly #extraByKey = new Map<string, number>();
  readonly #firstExtra: number;

  constructor(ruleCount: number) {
    this.#parts = new Array<Term | undefined>(ruleCount).fill(undefined);
    this.#firstExtra = Math.ceil(ruleCount / 32) * 32;
  }

  /** Gives the rule's bit to the term; false when another code has given it to a different term. */
  takePart(position: number, term: Term): boolean {
    const taken = this.#parts[position];
    if (taken !== undefined) return taken.key === term.key;
    this.#parts[position] = term;
    return true;
  }

  /** The bit of a term that is no rule's part. */
  extraBit(term: Term): number {
    const known = this.#extraByKey.get(term.key);
    if (known !== undefined) return known;
    const bit = this.#firstExtra + this.#extras.length;
    this.#extras.push(term);
    this.#extraByKey.set(term.key, bit);
    return bit;
  }

  termAt(bit: number): Term | undefined {
    return bit < this.#firstExtra ? this.#parts[bit] : this.#extras[bit - this.#firstExtra];
  }

  wordCount(): number {
    return Math.ceil((this.#firstExtra + this.#extras.length) / 32);
  }
}
