/** A plan as the text of JavaScript function bodies: they make the functions for events of the planned codes. */

import { CodeEmitter, emitRule, isSetApart } from './emit-code.ts';
import { AskedBits, type AskedWord, type EmitFrame } from './emit-expression.ts';
import { hex, indent, wordName } from './emit-names.ts';
import { emitTerm, Locals, parenthesised, type SupplyNames } from './emit-tests.ts';
import type { CodePlan, PlanFrame, RulePlan } from './plan.ts';
import type { Term } from './term.ts';

/** Parameters of the function bodies, in order. */
export const emittedParameters = ['readers', 'constants', 'tests', 'memos', 'threadCache', 'later'] as const;

/** Makes the function of the code, which takes the event and the list of hits. */
export function emitPlan<E>(frame: PlanFrame<E>, plan: CodePlan<E>, names: SupplyNames<E>): string {
  const shared = { frame, plan, names, asked: new AskedBits() };
  return whole(shared, 'match(event, hits)', new CodeEmitter(shared).emit());
}

/** The rules of the plan that have functions of their own: `later` gives them by position. */
export function rulesSetApart<E>(plan: CodePlan<E>): readonly RulePlan[] {
  return plan.rules.filter(isSetApart);
}

/** Makes the function of such a rule, which takes the event. */
export function emitLater<E>(
  frame: PlanFrame<E>,
  plan: CodePlan<E>,
  rule: RulePlan,
  names: SupplyNames<E>,
): string {
  const shared = { frame, plan, names, asked: new AskedBits() };
  return whole(shared, `rule${rule.position}(event)`, emitRule(shared, rule));
}

/** A function with all that its body refers to. */
function whole<E>(
  { frame, plan, names, asked }: EmitFrame<E>,
  head: string,
  body: readonly string[],
): string {
  const words = [...asked.words()].map((word) => emitWord(frame, plan, names, word));
  const source = ["'use strict';"];
  const supplies = names.takeUsed();
  if (supplies.length > 0) source.push(`const ${supplies.join(', ')};`);
  for (const i of plan.memos.keys()) {
    source.push(`const memo${i} = memos[${i}], known${i} = memo${i}.known, kept${i} = memo${i}.value;`);
  }
  source.push(...words, `return function ${head} {\n${indent(body.join('\n'))}\n};`);
  return `${source.join('\n')}\n`;
}

/** The function that works out those bits of a word that this plan asks for. */
function emitWord<E>(
  frame: PlanFrame<E>,
  plan: CodePlan<E>,
  names: SupplyNames<E>,
  { memo, word, mask }: AskedWord,
): string {
  const domain = memo === undefined ? frame.thread : plan.memos[memo];
  const locals = new Locals(frame.tests, names, memo === undefined ? undefined : 'text');
  const asked: { readonly term: Term; readonly bit: number }[] = [];
  for (let bit = 0; bit < 32; bit++) {
    const term = (mask & (1 << bit)) === 0 ? undefined : domain?.termAt(word * 32 + bit);
    if (term === undefined) continue;
    asked.push({ term, bit });
    for (const id of term.testIds) locals.countTest(id);
  }
  const lines = asked.map(({ term, bit }) => emitBit(term, bit, locals));
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
  return `function ${wordName(memo, word)}(${parameters}) {\n${indent(body.join('\n'))}\n}`;
}

function emitBit<E>(term: Term, bit: number, locals: Locals<E>): string {
  const mask = hex(1 << bit);
  return `if ((missing & ${mask}) !== 0 && ${parenthesised(term.kind, emitTerm(term, locals))}) bits |= ${mask};`;
}
