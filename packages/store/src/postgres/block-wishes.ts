/** What blocks of alerts must have in them for a filter, so that the others need not be looked at. */

import type { HubAlert } from '@peregrine/alert';
import { fromByteText } from '@peregrine/base';
import type { CheckedCondition } from '@peregrine/lang';
import type { ClausePlan } from '../segments/filter-plan.ts';
import { foldText } from '../segments/fold-text.ts';
import { isSearched } from '../segments/segment.ts';
import { fieldKey, ownColumn } from './condition-sql.ts';
import { addGrams, pairGram } from './grams.ts';
import type { Parameters } from './sql-text.ts';

/** All of them, or one of them at least. */
export interface BlockWish {
  readonly kind: 'all' | 'any';
  readonly grams: readonly number[];
}

/** Values that blocks are known by: all but those that every block has, or that change. */
export function isPaired(name: string): boolean {
  return (
    !['priority', 'source', 'state', 'assignee', 'output', 'mark'].includes(name) && isSearched(name.slice(1))
  );
}

export function wishesOf(
  clauses: readonly ClausePlan[],
  condition: CheckedCondition<HubAlert> | undefined,
  folded: string | undefined,
): readonly BlockWish[] {
  const wishes: BlockWish[] = [];
  for (const { input, values, isNegated } of clauses) {
    if (isNegated || values.has('') || input.kind === 'triage' || !isPaired(input.name)) continue;
    wishes.push({ kind: 'any', grams: [...values].map((value) => pairGram(input.name, value)) });
  }
  if (condition !== undefined) wishes.push(...wishesOfCondition(condition));
  if (folded !== undefined) wishes.push(wishOfPart(folded));
  return wishes.filter(({ grams }) => grams.length > 0);
}

function wishOfPart(folded: string): BlockWish {
  const grams = new Set<number>();
  addGrams(folded, grams);
  return { kind: 'all', grams: [...grams] };
}

function wishesOfCondition(condition: CheckedCondition<HubAlert>): readonly BlockWish[] {
  if (condition.kind === 'junction' && condition.operator === 'and')
    return condition.terms.flatMap(wishesOfCondition);
  if (condition.kind !== 'test') return [];
  const { left, operator, modifier, right } = condition;
  if (left.kind !== 'field' || left.field.compare !== undefined || left.field.type !== 'CHARBUF') return [];
  if (modifier !== undefined || right.kind !== 'constants') return [];
  const own = ownColumn(left.field.text);
  const name = own ?? `.${fieldKey(left.field.text)}`;
  const texts: string[] = [];
  for (const constant of right.values) {
    if (constant.kind !== 'scalar' || typeof constant.value !== 'string') return [];
    texts.push(fromByteText(constant.value));
  }
  if (['=', 'in', 'intersects'].includes(operator) && isPaired(name) && texts.length > 0)
    return [{ kind: 'any', grams: texts.map((text) => pairGram(name, text)) }];
  const [part] = texts;
  const isPart = ['=', 'contains', 'icontains', 'startswith', 'endswith'].includes(operator);
  const isText =
    own === undefined ? isSearched(name.slice(1)) : ['rule', 'output', 'hostname', 'tags'].includes(own);
  // Letters outside of ASCII may have another lower case at the end of a word than in a part of it.
  return isPart && isText && part !== undefined && /^[\x20-\x7e]+$/.test(part)
    ? [wishOfPart(foldText(part))]
    : [];
}

/** Condition on `blocks`; those with too much in them have everything. */
export function blocksSql(wishes: readonly BlockWish[], parameters: Parameters): string {
  const all = wishes.filter(({ kind }) => kind === 'all').flatMap(({ grams }) => grams);
  const terms = wishes
    .filter(({ kind }) => kind === 'any')
    .map(({ grams }) => `grams && ${parameters.add(grams)}::smallint[]`);
  if (all.length > 0) terms.push(`grams @> ${parameters.add([...new Set(all)])}::smallint[]`);
  return `((${terms.join(' AND ')}) OR grams IS NULL)`;
}
