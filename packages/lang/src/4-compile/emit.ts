/** A plan as the text of a JavaScript module body: functions for words of kept verdicts, and one for each kind of event. */

import { emitTerm, Locals, parenthesised, type Supplies, SupplyNames } from './emit-tests.ts';
import type { CodePlan, Domain, Expression, Plan, Step } from './plan.ts';
import { type Term, testIdsOf } from './term.ts';

export interface Emitted {
  readonly source: string;
  readonly supplies: Supplies;
  /** By event code: the place of its function among those that the source returns. */
  readonly functionOfCode: readonly (number | undefined)[];
}

export function emitPlan<E>(plan: Plan<E>): Emitted {
  const names = new SupplyNames<E>();
  const functionByBody = new Map<string, number>();
  const functionOfCode = plan.codes.map((code) => {
    if (code === undefined) return undefined;
    const body = new CodeEmitter(plan, names).emit(code).join('\n');
    const known = functionByBody.get(body);
    if (known !== undefined) return known;
    functionByBody.set(body, functionByBody.size);
    return functionByBody.size - 1;
  });
  const words = [
    ...emitWords(plan, names, plan.thread, undefined),
    ...plan.memos.flatMap((memo, i) => emitWords(plan, names, memo, i)),
  ];
  const functions = [...functionByBody].map(
    ([body, i]) => `function match${i}(event, hits) {\n${indent(body)}\n}`,
  );
  const { supplies } = names;
  const source = [
    "'use strict';",
    namesFrom('read', supplies.readers.length, 'readers'),
    namesFrom('const', supplies.constants.length, 'constants'),
    namesFrom('test', supplies.tests.length, 'tests'),
    namesFrom('memo', plan.memos.length, 'memos'),
    ...plan.memos.map((_, i) => `const known${i} = memo${i}.known, kept${i} = memo${i}.value;`),
    ...words,
    ...functions,
    `return [${functions.map((_, i) => `match${i}`).join(', ')}];`,
  ];
  return { source: `${source.filter((part) => part !== '').join('\n')}\n`, supplies, functionOfCode };
}

function namesFrom(name: string, count: number, table: string): string {
  if (count === 0) return '';
  return `const [${Array.from({ length: count }, (_, i) => `${name}${i}`).join(', ')}] = ${table};`;
}

/** Bits of the positions within one word. */
export function maskOf(positions: readonly number[], word: number): number {
  return positions.reduce(
    (mask, position) => (position >>> 5 === word ? mask | (1 << (position & 31)) : mask),
    0,
  );
}

function hex(mask: number): string {
  return mask < 0 ? `-0x${(-mask).toString(16)}` : `0x${mask.toString(16)}`;
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}

/** For each word of a domain, the function that works out the bits that are asked for. */
function emitWords<E>(
  plan: Plan<E>,
  names: SupplyNames<E>,
  domain: Domain,
  memo: number | undefined,
): readonly string[] {
  const terms = domain.terms();
  const functions: string[] = [];
  for (let word = 0; word < domain.wordCount(); word++) {
    const here = terms.slice(word * 32, word * 32 + 32);
    if (here.every((term) => term === undefined)) continue;
    const locals = new Locals(plan.tests, names, memo === undefined ? undefined : 'text');
    for (const term of here) if (term !== undefined) for (const id of testIdsOf(term)) locals.countTest(id);
    const lines = here.flatMap((term, bit) => (term === undefined ? [] : [emitBit(term, bit, locals)]));
    const place = memo === undefined ? `${word}` : word === 0 ? 'at' : `at + ${word}`;
    const [known, value] =
      memo === undefined ? ['cache.known', 'cache.value'] : [`known${memo}`, `kept${memo}`];
    const body = [
      ...locals.declaration(),
      'let bits = 0;',
      ...lines,
      `${known}[${place}] |= missing;`,
      `return (${value}[${place}] = (${value}[${place}] & ~missing) | bits);`,
    ];
    const parameters = memo === undefined ? 'event, cache, missing' : 'text, at, missing';
    functions.push(`function ${wordName(memo, word)}(${parameters}) {\n${indent(body.join('\n'))}\n}`);
  }
  return functions;
}

function emitBit<E>(term: Term, bit: number, locals: Locals<E>): string {
  const mask = hex(1 << bit);
  return `if ((missing & ${mask}) !== 0 && ${parenthesised(term.kind, emitTerm(term, locals))}) bits |= ${mask};`;
}

function wordName(memo: number | undefined, word: number): string {
  return memo === undefined ? `threadWord${word}` : `memo${memo}Word${word}`;
}

/** Emits the function of one event code. */
class CodeEmitter<E> {
  readonly #plan: Plan<E>;
  readonly #locals: Locals<E>;
  #isThreadUsed = false;

  constructor(plan: Plan<E>, names: SupplyNames<E>) {
    this.#plan = plan;
    this.#locals = new Locals(plan.tests, names);
  }

  emit(code: CodePlan): readonly string[] {
    this.#count(code);
    const words = [...new Set(code.rules.map(({ position }) => position >>> 5))];
    const start = words.map((word) => this.#emitStart(code, word));
    const isSometimesNone = code.threadRules.length === code.rules.length;
    const steps = code.steps.flatMap((step) => this.#emitStep(step, words));
    const rules = words.flatMap((word) => this.#emitRules(code, word));
    const isAll = this.#plan.matching === 'all';
    return [
      ...this.#locals.declaration(),
      ...(this.#isThreadUsed ? ['const cache = threadCache(event);'] : []),
      ...start,
      ...(isSometimesNone ? [stopIfNone(words)] : []),
      ...steps,
      ...(isAll ? ['let count = 0;'] : []),
      ...rules,
      isAll ? 'return count;' : 'return 0;',
    ];
  }

  #count(code: CodePlan): void {
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

  /** The rules of one word that may match: those whose thread part holds, and those that have none. */
  #emitStart(code: CodePlan, word: number): string {
    const thread = maskOf(code.threadRules, word);
    const all = maskOf(
      code.rules.map(({ position }) => position),
      word,
    );
    const always = all & ~thread;
    if (thread === 0) return `let rules${word} = ${hex(all)};`;
    this.#isThreadUsed = true;
    const bits = `(cache.known[${word}] & ${hex(thread)}) === ${hex(thread)} ? cache.value[${word}] : threadWord${word}(event, cache, ${hex(thread)} & ~cache.known[${word}])`;
    return `let rules${word} = (${bits}) & ${hex(thread)}${always === 0 ? '' : ` | ${hex(always)}`};`;
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
    const { memo } = step;
    const lines = masks.map(({ word, mask }) => {
      const place = this.#placeIn(memo, word);
      const value = this.#memoValue(memo);
      const need = `rules${word} & ${hex(mask)}`;
      return `rules${word} &= ((known${memo}[${place}] & ${need}) === (${need}) ? kept${memo}[${this.#knownPlace(memo, word)}] : ${wordName(memo, word)}(${value}, at${memo}, ${need} & ~known${memo}[${this.#knownPlace(memo, word)}])) | ${hex(~mask)};`;
    });
    return [`if (${guard}) {`, ...[...lines, stopIfNone(words)].map((line) => `  ${line}`), '}'];
  }

  #emitRules(code: CodePlan, word: number): readonly string[] {
    const rules = code.rules.filter(({ position }) => position >>> 5 === word);
    const lines = (group: CodePlan['rules']): readonly string[] =>
      group.map(({ position, rest }) => {
        const bit = `(rules${word} & ${hex(1 << (position & 31))}) !== 0`;
        const guard = [bit, ...rest.map((each) => parenthesised(each.kind, this.#code(each)))].join(' && ');
        if (this.#plan.matching === 'all') return `if (${guard}) hits[count++] = ${position};`;
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

  #bit(memo: number | undefined, bit: number, isNegated: boolean): string {
    const word = bit >>> 5;
    const mask = hex(1 << (bit & 31));
    const verdict = isNegated ? '=== 0' : '!== 0';
    if (memo === undefined) {
      this.#isThreadUsed = true;
      return `(((cache.known[${word}] & ${mask}) !== 0 ? cache.value[${word}] : threadWord${word}(event, cache, ${mask})) & ${mask}) ${verdict}`;
    }
    const place = this.#placeIn(memo, word);
    const value = this.#memoValue(memo);
    return `(((known${memo}[${place}] & ${mask}) !== 0 ? kept${memo}[${this.#knownPlace(memo, word)}] : ${wordName(memo, word)}(${value}, at${memo}, ${mask})) & ${mask}) ${verdict}`;
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
