/**
 * Expressions of a plan as code inside one generated function: tests by the function's own local variables, kept
 * verdicts by the words of a memo or of the thread.
 */

import { hex, wordName } from './emit-names.ts';
import { Locals, parenthesised, type SupplyNames } from './emit-tests.ts';
import type { CodePlan, Expression, PlanFrame } from './plan.ts';

/** Bits of one word of a memo, or of the thread's words where `memo` is absent. */
export interface AskedWord {
  readonly memo: number | undefined;
  readonly word: number;
  mask: number;
}

/** The bits of kept verdicts that all functions of a plan ask for. */
export class AskedBits {
  readonly #words = new Map<string, AskedWord>();

  /** The name of the function that works out these bits. */
  ask(memo: number | undefined, word: number, mask: number): string {
    const name = wordName(memo, word);
    const asked = this.#words.get(name);
    if (asked === undefined) this.#words.set(name, { memo, word, mask });
    else asked.mask |= mask;
    return name;
  }

  words(): Iterable<AskedWord> {
    return this.#words.values();
  }
}

/** What the emitters of all functions of one plan share. */
export interface EmitFrame<E> {
  readonly frame: PlanFrame<E>;
  readonly plan: CodePlan<E>;
  readonly names: SupplyNames<E>;
  readonly asked: AskedBits;
}

/** For one function. Count all uses first, then emit, then declare. */
export class ExpressionEmitter<E> {
  readonly #plan: CodePlan<E>;
  readonly #asked: AskedBits;
  readonly locals: Locals<E>;
  /** Set once code looks at the thread's words, as `cache`. */
  isThreadUsed = false;

  constructor({ frame, plan, names, asked }: EmitFrame<E>) {
    this.#plan = plan;
    this.#asked = asked;
    this.locals = new Locals(frame.tests, names);
  }

  count(expression: Expression): void {
    switch (expression.kind) {
      case 'test':
        this.locals.countTest(expression.id);
        break;
      case 'bit':
        this.countMemo(expression.memo);
        break;
      default:
        for (const term of expression.terms) this.count(term);
    }
  }

  /** The text of a memo is read for its place, and again to work out what is not known. */
  countMemo(memo: number | undefined): void {
    const field = memo === undefined ? undefined : this.#plan.memos[memo]?.field;
    if (field === undefined) return;
    this.locals.countField(field);
    this.locals.countField(field);
  }

  code(expression: Expression): string {
    switch (expression.kind) {
      case 'test':
        return this.locals.test(expression.id, expression.isNegated);
      case 'bit':
        return this.#bit(expression.memo, expression.bit, expression.isNegated);
      default:
        return expression.terms
          .map((each) => parenthesised(each.kind, this.code(each)))
          .join(expression.kind === 'and' ? ' && ' : ' || ');
    }
  }

  negated(expression: Expression): string {
    switch (expression.kind) {
      case 'test':
      case 'bit':
        return this.code({ ...expression, isNegated: !expression.isNegated });
      default:
        return `!(${this.code(expression)})`;
    }
  }

  #bit(memo: number | undefined, bit: number, isNegated: boolean): string {
    const word = bit >>> 5;
    const mask = hex(1 << (bit & 31));
    const work = this.#asked.ask(memo, word, 1 << (bit & 31));
    const verdict = isNegated ? '=== 0' : '!== 0';
    if (memo === undefined) {
      this.isThreadUsed = true;
      return `(((cache.known[${word}] & ${mask}) !== 0 ? cache.value[${word}] : ${work}(event, cache, ${mask})) & ${mask}) ${verdict}`;
    }
    const place = this.#placeIn(memo, word);
    const value = this.memoValue(memo);
    return `(((known${memo}[${place}] & ${mask}) !== 0 ? kept${memo}[${knownPlace(memo, word)}] : ${work}(${value}, at${memo}, ${mask})) & ${mask}) ${verdict}`;
  }

  /** Looks the text up the first time. */
  #placeIn(memo: number, word: number): string {
    const at = this.locals.declare(`at${memo}`, '-1');
    const place = `(${at} < 0 ? (${at} = memo${memo}.slotOf(${this.memoValue(memo)})) : ${at})`;
    return word === 0 ? place : `${place} + ${word}`;
  }

  memoValue(memo: number): string {
    const field = this.#plan.memos[memo]?.field;
    if (field === undefined) throw new Error(`there is no memo ${memo}`);
    return this.locals.value(field);
  }
}

/** Where a word of the memo is, once its text has been looked up. */
export function knownPlace(memo: number, word: number): string {
  return word === 0 ? `at${memo}` : `at${memo} + ${word}`;
}
