/** Which alerts a page shows, as its address has it. */

import type { FilterQuery } from '@peregrine/api/contract';
import { place } from './place.ts';

export const DEFAULT_SINCE = '24h';

export const periods: readonly { readonly since: string; readonly title: string }[] = [
  { since: '15m', title: '15 minutes' },
  { since: '1h', title: '1 hour' },
  { since: '6h', title: '6 hours' },
  { since: '24h', title: '24 hours' },
  { since: '7d', title: '7 days' },
  { since: '30d', title: '30 days' },
  { since: '90d', title: '90 days' },
];

export function filterOfPlace(): FilterQuery {
  const { query } = place.value;
  const of = (name: string): string | undefined => query.get(name) ?? undefined;
  const from = of('from');
  const where = query.getAll('where');
  return {
    ...(of('q') === undefined ? {} : { q: of('q') }),
    ...(of('text') === undefined ? {} : { text: of('text') }),
    ...(where.length === 0 ? {} : { where }),
    ...(from === undefined ? { since: of('since') ?? DEFAULT_SINCE } : { from }),
    ...(of('to') === undefined ? {} : { to: of('to') }),
  };
}

/** `FIELD=VALUE` or `FIELD!=VALUE`. */
export interface Clause {
  readonly field: string;
  readonly value: string;
  readonly isNegated: boolean;
}

function clauseText({ field, value, isNegated }: Clause): string {
  return `${field}${isNegated ? '!=' : '='}${value}`;
}

/** The address of the alerts with one clause more. */
export function addressOfClause(clause: Clause, base: URLSearchParams = new URLSearchParams()): string {
  const query = new URLSearchParams(base);
  const text = clauseText(clause);
  if (!query.getAll('where').includes(text)) query.append('where', text);
  return `/alerts?${query}`;
}
