/**
 * A filter as SQL. Where SQL cannot say all of it, what it says holds for every alert that the filter finds and for some
 * others, and whoever reads the rows looks at them once more.
 */

import { checkTriagedCondition } from '@peregrine/query';
import type { AlertFilter } from '../alert-store.ts';
import { type ClausePlan, planFilter } from '../segments/filter-plan.ts';
import { type BlockWish, wishesOf } from './block-wishes.ts';
import { conditionSql } from './condition-sql.ts';
import { dimensionSql, type Needs, urgenciesNamed } from './dimension-sql.ts';
import type { Parameters } from './sql-text.ts';
import { isPlainText, toSearched } from './stored-alert-row.ts';

export interface FilterSql {
  /** Terms that must all hold. */
  readonly terms: readonly string[];
  /** Whether alerts for which the terms hold are what the filter finds. */
  readonly isExact: boolean;
  readonly fromNs: bigint | undefined;
  readonly toNs: bigint | undefined;
  /** What blocks must have in them to have an alert that is found. */
  readonly wishes: readonly BlockWish[];
}

/** Adds to `needs` what the terms need. Throws a `FilterError` for a condition that cannot be understood. */
export function filterSql(filter: AlertFilter, parameters: Parameters, needs: Needs): FilterSql {
  const plan = planFilter(filter);
  const { fromNs, toNs, clauses, text } = plan;
  const terms: string[] = [];
  let isExact = true;
  if (fromNs !== undefined) terms.push(`a.time_ns >= ${parameters.add(fromNs)}`);
  if (toNs !== undefined) terms.push(`a.time_ns < ${parameters.add(toNs)}`);
  for (const clause of clauses) terms.push(clauseSql(clause, parameters, needs));
  const checked = checkTriagedCondition(filter.condition ?? '');
  if ('condition' in checked && checked.condition !== undefined) {
    const said = conditionSql(checked.condition, parameters, needs);
    if (said.sql !== undefined) terms.push(said.sql);
    isExact &&= said.isExact;
  }
  if (text !== undefined) {
    needs.bodies = true;
    terms.push(`strpos(b.searched, ${parameters.add(toSearched(text.whole))}) > 0`);
    isExact &&= isPlainText(text.whole);
  }
  const condition = 'condition' in checked ? checked.condition : undefined;
  return { terms, isExact, fromNs, toNs, wishes: wishesOf(clauses, condition, text?.whole) };
}

function clauseSql({ input, values, isNegated }: ClausePlan, parameters: Parameters, needs: Needs): string {
  const dimension = dimensionSql(input, parameters, needs);
  const { sql } = dimension;
  const texts = [...values].map(toSearched);
  const wanted = (): string => parameters.add(texts);
  const found = ((): string => {
    switch (dimension.kind) {
      case 'text':
        return `${sql} = ANY(${wanted()}::text[])`;
      case 'optional':
        return `coalesce(${sql}, '') = ANY(${wanted()}::text[])`;
      case 'priority':
        return `${sql} = ANY(${parameters.add(urgenciesNamed(values))}::int[])`;
      case 'list': {
        const has = `coalesce(${sql} ?| ${wanted()}::text[], false)`;
        return values.has('') ? `(${has} OR coalesce(jsonb_array_length(${sql}), 0) = 0)` : has;
      }
    }
  })();
  return isNegated ? `NOT (${found})` : found;
}
