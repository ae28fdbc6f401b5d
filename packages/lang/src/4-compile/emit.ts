/** A plan as the text of a JavaScript module body: functions for words of kept verdicts, and one for each kind of event. */

import { CodeEmitter } from './emit-code.ts';
import { hex, indent, wordName } from './emit-names.ts';
import { emitTerm, Locals, parenthesised, type Supplies, SupplyNames } from './emit-tests.ts';
import type { CodePlan, Domain, Plan } from './plan.ts';
import { type Term, testIdsOf } from './term.ts';

export interface Emitted {
  readonly source: string;
  readonly supplies: Supplies;
  /** By event code: the place of its function among those that the source returns. */
  readonly functionOfCode: readonly (number | undefined)[];
}

export function emitPlan<E>(plan: Plan<E>): Emitted {
  const names = new SupplyNames<E>();
  const bodies: string[] = [];
  const functionByPlan = new Map<CodePlan, number>();
  const functionOfCode = plan.codes.map((code) => {
    if (code === undefined) return undefined;
    const known = functionByPlan.get(code);
    if (known !== undefined) return known;
    bodies.push(new CodeEmitter(plan, names).emit(code).join('\n'));
    functionByPlan.set(code, bodies.length - 1);
    return bodies.length - 1;
  });
  const words = [
    ...emitWords(plan, names, plan.thread, undefined),
    ...plan.memos.flatMap((memo, i) => emitWords(plan, names, memo, i)),
  ];
  const functions = bodies.map((body, i) => `function match${i}(event, hits) {\n${indent(body)}\n}`);
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
