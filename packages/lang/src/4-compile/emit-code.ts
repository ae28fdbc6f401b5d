/**
 * Code of the function of one event code: start with the rules that the thread has not ruled out, strike out more of them
 * step by step, test what is left of each that still stands.
 */

import { hex, indent, maskOf, wordName } from './emit-names.ts';
import { Locals, parenthesised, type SupplyNames } from './emit-tests.ts';
import type { CodePlan, Expression, PlanFrame, Step } from './plan.ts';

/** Bits of one word of a memo, or of the thread's words where `memo` is absent. */
export interface AskedBits {
  readonly memo: number | undefined;
  readonly word: number;
  mask: number;
}

export class CodeEmitter<E> {
  readonly #frame: PlanFrame<E>;
  readonly #plan: CodePlan<E>;
  readonly #locals: Locals<E>;
  readonly #asked = new Map<string, AskedBits>();
  #isThreadUsed = false;

  constructor(frame: PlanFrame<E>, plan: CodePlan<E>, names: SupplyNames<E>) {
    this.#frame = frame;
    this.#plan = plan;
    this.#locals = new Locals(frame.tests, names);
  }

  /** The bits of kept verdicts that the code emitted so far asks for. */
  askedBits(): Iterable<AskedBits> {
    return this.#asked.values();
  }

  emit(): readonly string[] {
    const code = this.#plan;
    this.#count(code);
    const words = [...new Set(code.rules.map(({ position }) => position >>> 5))];
    const start = words.map((word) => this.#emitStart(code, word));
    const steps = code.steps.flatMap((step) => this.#emitStep(step, words));
    const rules = words.flatMap((word) => this.#emitRules(code, word));
    const isAll = this.#frame.matching === 'all';
    return [
      ...this.#locals.declaration(),
      ...(this.#isThreadUsed ? ['const cache = threadCache(event);'] : []),
      ...start,
      ...(code.threadRules.length === code.rules.length ? [stopIfNone(words)] : []),
      ...steps,
      ...(isAll ? ['let count = 0;'] : []),
      ...rules,
      isAll ? 'return count;' : 'return 0;',
    ];
  }

  #count(code: CodePlan<E>): void {
    const count = (expression: Expression): void => {
      if (expression.kind === 'test') this.#locals.countTest(expression.id);
      else if (expression.kind === 'bit') this.#countMemo(expression.memo);
      else expression.terms.forEach(count);
    };
    for (const step of code.steps) {
      if (step.kind === 'test') count(step.test);
      else this.#countMemo(step.memo);
    }
    for (const { rest } of code.rules) rest.forEach(count);
  }

  /** The text of a memo is read for its place, and again to work out what is not known. */
  #countMemo(memo: number | undefined): void {
    const field = memo === undefined ? undefined : this.#plan.memos[memo]?.field;
    if (field === undefined) return;
    this.#locals.countField(field);
    this.#locals.countField(field);
  }

  /** The rules of one word, but for those whose thread part is known to fail. */
  #emitStart(code: CodePlan<E>, word: number): string {
    const positions = code.rules.map(({ position }) => position);
    const all = hex(maskOf(positions, word));
    const thread = maskOf(code.threadRules, word);
    if (thread === 0) return `let rules${word} = ${all};`;
    this.#isThreadUsed = true;
    return `let rules${word} = ${all} & ~(cache.known[${word}] & ~cache.value[${word}] & ${hex(thread)});`;
  }

  #emitStep(step: Step, words: readonly number[]): readonly string[] {
    const masks = words
      .map((word) => ({ word, mask: maskOf(step.rules, word) }))
      .filter(({ mask }) => mask !== 0);
    const isAny = masks.map(({ word, mask }) => `(rules${word} & ${hex(mask)})`).join(' | ');
    const guard = masks.length === 1 ? `${isAny} !== 0` : `(${isAny}) !== 0`;
    if (step.kind === 'test') {
      const strikes = masks.map(({ word, mask }) => `rules${word} &= ${hex(~mask)};`);
      return [
        `if (${guard} && ${this.#negated(step.test)}) {`,
        ...[...strikes, stopIfNone(words)].map((line) => `  ${line}`),
        '}',
      ];
    }
    return [
      `if (${guard}) {`,
      ...this.#emitKept(step.memo, masks).map((line) => `  ${line}`),
      `  ${stopIfNone(words)}`,
      '}',
    ];
  }

  #emitKept(
    memo: number | undefined,
    masks: readonly { readonly word: number; readonly mask: number }[],
  ): readonly string[] {
    const wanted = this.#locals.declare('wanted', '0');
    if (memo === undefined) this.#isThreadUsed = true;
    else this.#locals.declare(`at${memo}`, '-1');
    return [
      ...(memo === undefined
        ? []
        : [`if (at${memo} < 0) at${memo} = memo${memo}.slotOf(${this.#memoValue(memo)});`]),
      ...masks.flatMap(({ word, mask }) => {
        const known =
          memo === undefined ? `cache.known[${word}]` : `known${memo}[${this.#knownPlace(memo, word)}]`;
        const value =
          memo === undefined ? `cache.value[${word}]` : `kept${memo}[${this.#knownPlace(memo, word)}]`;
        const subject = memo === undefined ? 'event, cache' : `${this.#memoValue(memo)}, at${memo}`;
        const asked = `${this.#ask(memo, word, mask)}(${subject}, ${wanted} & ~${known})`;
        return [
          `${wanted} = rules${word} & ${hex(mask)};`,
          `rules${word} &= ((${known} & ${wanted}) === ${wanted} ? ${value} : ${asked}) | ${hex(~mask)};`,
        ];
      }),
    ];
  }

  #emitRules(code: CodePlan<E>, word: number): readonly string[] {
    const rules = code.rules.filter(({ position }) => position >>> 5 === word);
    const lines = (group: CodePlan<E>['rules']): readonly string[] =>
      group.map(({ position, rest }) => {
        const bit = `(rules${word} & ${hex(1 << (position & 31))}) !== 0`;
        const guard = [bit, ...rest.map((each) => parenthesised(each.kind, this.#code(each)))].join(' && ');
        if (this.#frame.matching === 'all') return `if (${guard}) hits[count++] = ${position};`;
        return `if (${guard}) {\n  hits[0] = ${position};\n  return 1;\n}`;
      });
    if (rules.length <= 8) return lines(rules);
    const bytes = [...Map.groupBy(rules, ({ position }) => position >>> 3).values()];
    return bytes.flatMap((group) => {
      const mask = maskOf(
        group.map(({ position }) => position),
        word,
      );
      return [`if ((rules${word} & ${hex(mask)}) !== 0) {`, indent(lines(group).join('\n')), '}'];
    });
  }

  #negated(expression: Expression): string {
    switch (expression.kind) {
      case 'test':
      case 'bit':
        return this.#code({ ...expression, isNegated: !expression.isNegated });
      default:
        return `!(${this.#code(expression)})`;
    }
  }

  #code(expression: Expression): string {
    switch (expression.kind) {
      case 'test':
        return this.#locals.test(expression.id, expression.isNegated);
      case 'bit':
        return this.#bit(expression.memo, expression.bit, expression.isNegated);
      default:
        return expression.terms
          .map((each) => parenthesised(each.kind, this.#code(each)))
          .join(expression.kind === 'and' ? ' && ' : ' || ');
    }
  }

  /** The name of the function that works out these bits. */
  #ask(memo: number | undefined, word: number, mask: number): string {
    const name = wordName(memo, word);
    const asked = this.#asked.get(name);
    if (asked === undefined) this.#asked.set(name, { memo, word, mask });
    else asked.mask |= mask;
    return name;
  }

  #bit(memo: number | undefined, bit: number, isNegated: boolean): string {
    const word = bit >>> 5;
    const mask = hex(1 << (bit & 31));
    const work = this.#ask(memo, word, 1 << (bit & 31));
    const verdict = isNegated ? '=== 0' : '!== 0';
    if (memo === undefined) {
      this.#isThreadUsed = true;
      return `(((cache.known[${word}] & ${mask}) !== 0 ? cache.value[${word}] : ${work}(event, cache, ${mask})) & ${mask}) ${verdict}`;
    }
    const place = this.#placeIn(memo, word);
    const value = this.#memoValue(memo);
    return `(((known${memo}[${place}] & ${mask}) !== 0 ? kept${memo}[${this.#knownPlace(memo, word)}] : ${work}(${value}, at${memo}, ${mask})) & ${mask}) ${verdict}`;
  }

  /** Looks the text up the first time. */
  #placeIn(memo: number, word: number): string {
    const at = this.#locals.declare(`at${memo}`, '-1');
    const place = `(${at} < 0 ? (${at} = memo${memo}.slotOf(${this.#memoValue(memo)})) : ${at})`;
    return word === 0 ? place : `${place} + ${word}`;
  }

  #knownPlace(memo: number, word: number): string {
    return word === 0 ? `at${memo}` : `at${memo} + ${word}`;
  }

  #memoValue(memo: number): string {
    const field = this.#plan.memos[memo]?.field;
    if (field === undefined) throw new Error(`there is no memo ${memo}`);
    return this.#locals.value(field);
  }
}

function stopIfNone(words: readonly number[]): string {
  const all = words.map((word) => `rules${word}`).join(' | ');
  return `if (${words.length === 1 ? all : `(${all})`} === 0) return 0;`;
}
