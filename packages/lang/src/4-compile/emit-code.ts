/**
 * Code of the functions of one event code: start with the rules that the thread has not ruled out, strike out more of
 * them step by step, test what is left of each that still stands.
 */

import { type EmitFrame, ExpressionEmitter, knownPlace } from './emit-expression.ts';
import { hex, indent, maskOf } from './emit-names.ts';
import { parenthesised } from './emit-tests.ts';
import type { CodePlan, Expression, RulePlan, Step } from './plan.ts';

/**
 * What is left of a rule goes into a function of its own, made when it is first called, when it has more tests. Few
 * events get that far: with 93 rules the code that opens of files run shrinks from 78 kB of text to 35, and the function
 * that every one of them runs to 7.
 */
const MOST_TESTS_IN_PLACE = 4;

export function isSetApart({ rest }: RulePlan): boolean {
  return rest.reduce((sum, each) => sum + testCount(each), 0) > MOST_TESTS_IN_PLACE;
}

function testCount(expression: Expression): number {
  if (expression.kind === 'test' || expression.kind === 'bit') return 1;
  return expression.terms.reduce((sum, each) => sum + testCount(each), 0);
}

/** The body of the function that says whether what is left of one rule holds. */
export function emitRule<E>(shared: EmitFrame<E>, { rest }: RulePlan): readonly string[] {
  const emitter = new ExpressionEmitter(shared);
  for (const each of rest) emitter.count(each);
  const verdict = codesOf(emitter, rest).join(' && ');
  return [
    ...emitter.locals.declaration(),
    ...(emitter.isThreadUsed ? ['const cache = threadCache(event);'] : []),
    `return ${verdict};`,
  ];
}

export class CodeEmitter<E> {
  readonly #shared: EmitFrame<E>;
  readonly #main: ExpressionEmitter<E>;

  constructor(shared: EmitFrame<E>) {
    this.#shared = shared;
    this.#main = new ExpressionEmitter(shared);
  }

  /** The body of the function for the event. */
  emit(): readonly string[] {
    const { plan, frame } = this.#shared;
    this.#count(plan);
    const words = [...new Set(plan.rules.map(({ position }) => position >>> 5))];
    const start = words.map((word) => this.#emitStart(word));
    const steps = plan.steps.flatMap((step) => this.#emitStep(step, words));
    const rules = words.flatMap((word) => this.#emitRules(word));
    const isAll = frame.matching === 'all';
    return [
      ...this.#main.locals.declaration(),
      ...(this.#main.isThreadUsed ? ['const cache = threadCache(event);'] : []),
      ...start,
      ...(plan.threadRules.length === plan.rules.length ? [stopIfNone(words)] : []),
      ...steps,
      ...(isAll ? ['let count = 0;'] : []),
      ...rules,
      isAll ? 'return count;' : 'return 0;',
    ];
  }

  #count({ steps, rules }: CodePlan<E>): void {
    for (const step of steps) {
      if (step.kind === 'test') this.#main.count(step.test);
      else this.#main.countMemo(step.memo);
    }
    for (const rule of rules) if (!isSetApart(rule)) for (const each of rule.rest) this.#main.count(each);
  }

  /** The rules of one word, but for those whose thread part is known to fail. */
  #emitStart(word: number): string {
    const { rules, threadRules } = this.#shared.plan;
    const all = hex(maskOf(positionsOf(rules), word));
    const thread = maskOf(threadRules, word);
    if (thread === 0) return `let rules${word} = ${all};`;
    this.#main.isThreadUsed = true;
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
        `if (${guard} && ${this.#main.negated(step.test)}) {`,
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
    const { locals } = this.#main;
    const wanted = locals.declare('wanted', '0');
    if (memo === undefined) this.#main.isThreadUsed = true;
    else locals.declare(`at${memo}`, '-1');
    return [
      ...(memo === undefined
        ? []
        : [`if (at${memo} < 0) at${memo} = memo${memo}.slotOf(${this.#main.memoValue(memo)});`]),
      ...masks.flatMap(({ word, mask }) => {
        const known = memo === undefined ? `cache.known[${word}]` : `known${memo}[${knownPlace(memo, word)}]`;
        const value = memo === undefined ? `cache.value[${word}]` : `kept${memo}[${knownPlace(memo, word)}]`;
        const subject = memo === undefined ? 'event, cache' : `${this.#main.memoValue(memo)}, at${memo}`;
        const work = this.#shared.asked.ask(memo, word, mask);
        const asked = `${work}(${subject}, ${wanted} & ~${known})`;
        return [
          `${wanted} = rules${word} & ${hex(mask)};`,
          `rules${word} &= ((${known} & ${wanted}) === ${wanted} ? ${value} : ${asked}) | ${hex(~mask)};`,
        ];
      }),
    ];
  }

  #emitRules(word: number): readonly string[] {
    const rules = this.#shared.plan.rules.filter(({ position }) => position >>> 5 === word);
    const lines = (group: readonly RulePlan[]): readonly string[] =>
      group.map((rule) => {
        const { position } = rule;
        const bit = `(rules${word} & ${hex(1 << (position & 31))}) !== 0`;
        const rest = isSetApart(rule) ? [`later[${position}](event)`] : codesOf(this.#main, rule.rest);
        const guard = [bit, ...rest].join(' && ');
        if (this.#shared.frame.matching === 'all') return `if (${guard}) hits[count++] = ${position};`;
        return `if (${guard}) {\n  hits[0] = ${position};\n  return 1;\n}`;
      });
    if (rules.length <= 8) return lines(rules);
    const bytes = [...Map.groupBy(rules, ({ position }) => position >>> 3).values()];
    return bytes.flatMap((group) => {
      const mask = maskOf(positionsOf(group), word);
      return [`if ((rules${word} & ${hex(mask)}) !== 0) {`, indent(lines(group).join('\n')), '}'];
    });
  }
}

function codesOf<E>(emitter: ExpressionEmitter<E>, rest: readonly Expression[]): readonly string[] {
  return rest.map((each) => parenthesised(each.kind, emitter.code(each)));
}

function positionsOf(rules: readonly RulePlan[]): readonly number[] {
  return rules.map(({ position }) => position);
}

function stopIfNone(words: readonly number[]): string {
  const all = words.map((word) => `rules${word}`).join(' | ');
  return `if (${words.length === 1 ? all : `(${all})`} === 0) return 0;`;
}
