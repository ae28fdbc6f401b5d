/** The parameters that say which alerts, made into a filter. */

import { parseAlertTime } from '@peregrine/alert';
import { ApiError } from '@peregrine/api';
import type { FilterQuery } from '@peregrine/api/contract';
import { parseDuration } from '@peregrine/base';
import { type AlertFilter, FilterError, type WhereClause } from '@peregrine/store';

/** Throws an `ApiError` for a time or a clause that cannot be read. */
export function filterFrom(query: FilterQuery, nowMs: number): AlertFilter {
  const { q, text, where, since, from, to } = query;
  const sinceMs = since === undefined ? undefined : parseDuration(since);
  if (since !== undefined && sinceMs === undefined)
    throw new ApiError(
      400,
      'bad-since',
      `\`since\` is \`${since}\`, which is no length of time such as 15m, 24h or 7d`,
    );
  const fromNs = from === undefined ? undefined : momentOf('from', from);
  return {
    fromNs: fromNs ?? (sinceMs === undefined ? undefined : BigInt(Math.floor(nowMs - sinceMs)) * 1_000_000n),
    toNs: to === undefined ? undefined : momentOf('to', to),
    condition: q,
    text,
    where: clausesFrom(where ?? []),
  };
}

function momentOf(name: string, text: string): bigint {
  const time = parseAlertTime(text);
  if (time !== undefined) return time.ns;
  throw new ApiError(400, 'bad-time', `\`${name}\` is no time such as 2026-11-26T10:00:00Z`);
}

/** Values of the same field are alternatives; of those that are left out, none may be there. */
function clausesFrom(texts: readonly string[]): readonly WhereClause[] {
  const clauses = new Map<string, { field: string; values: string[]; isNegated: boolean }>();
  for (const text of texts) {
    const [, field = '', operator = '', value = ''] = /^([^=!]+)(!?=)(.*)$/s.exec(text) ?? [];
    if (field === '')
      throw new ApiError(
        400,
        'bad-where',
        `\`where\` is \`${text.slice(0, 200)}\`, which is no \`FIELD=VALUE\``,
      );
    const key = `${operator}${field}`;
    const clause = clauses.get(key) ?? { field, values: [], isNegated: operator === '!=' };
    clause.values.push(value);
    clauses.set(key, clause);
  }
  return [...clauses.values()];
}

/** What a condition that cannot be understood is answered with. */
export async function withFilterErrors<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof FilterError)
      throw new ApiError(400, 'bad-condition', error.message, {
        hint: 'conditions are those of rules: rule = "X" and proc.name = sh',
      });
    throw error;
  }
}
