/** What alerts are compared and counted by, as SQL over `alerts a`, `bodies b`, `incidents i` and `overrides o`. */

import { priorities } from '@peregrine/alert';
import { urgencyOf } from '@peregrine/query';
import type { Input } from '../segments/filter-plan.ts';
import type { Parameters } from './sql-text.ts';
import { textsOfField } from './stored-alert-row.ts';

/** Tables that a statement needs besides `alerts a`. */
export interface Needs {
  bodies: boolean;
  triage: boolean;
}

export const joinsOf = ({ bodies, triage }: Needs): string =>
  [
    ...(bodies ? ['JOIN bodies b ON b.seq = a.seq'] : []),
    ...(triage ? ['LEFT JOIN incidents i ON i.id = a.incident LEFT JOIN overrides o ON o.seq = a.seq'] : []),
  ].join(' ');

export type DimensionSql =
  /** Always there. */
  | { readonly kind: 'text'; readonly sql: string }
  /** May be NULL. */
  | { readonly kind: 'optional'; readonly sql: string }
  /** A JSON list of texts, none of them NULL; NULL or empty where there is none. */
  | { readonly kind: 'list'; readonly sql: string }
  /** A number for each priority. */
  | { readonly kind: 'priority'; readonly sql: string };

export function dimensionSql(input: Input, parameters: Parameters, needs: Needs): DimensionSql {
  if (input.kind === 'triage') {
    needs.triage = true;
    return input.name === 'state'
      ? { kind: 'text', sql: "coalesce(o.state, i.state, 'new')" }
      : { kind: 'optional', sql: '(CASE WHEN o.seq IS NULL THEN i.assignee ELSE o.assignee END)' };
  }
  switch (input.name) {
    case 'rule':
    case 'source':
    case 'hostname':
    case 'incident':
      return { kind: 'text', sql: `a.${input.name}` };
    case 'priority':
      return { kind: 'priority', sql: 'a.urgency' };
    case 'output':
      needs.bodies = true;
      return { kind: 'text', sql: 'b.output' };
    case 'tags':
      return { kind: 'list', sql: 'a.tags' };
    default:
      return {
        kind: 'list',
        sql: `(a.fields -> ${parameters.add(textsOfField(input.name.slice(1)))}::text)`,
      };
  }
}

/** A text for each of an alert's values, as `v`; the empty one where there is none: to be put behind a join. */
export function valuesSql(dimension: DimensionSql): string {
  switch (dimension.kind) {
    case 'text':
      return `LATERAL (SELECT ${dimension.sql} AS v) AS d`;
    case 'optional':
      return `LATERAL (SELECT coalesce(${dimension.sql}, '') AS v) AS d`;
    case 'priority':
      return `LATERAL (SELECT ${dimension.sql}::text AS v) AS d`;
    case 'list':
      return `LATERAL jsonb_array_elements_text(CASE WHEN jsonb_array_length(${dimension.sql}) > 0
        THEN ${dimension.sql} ELSE '[""]'::jsonb END) AS d(v)`;
  }
}

export function priorityOf(urgency: number): (typeof priorities)[number] {
  return priorities[priorities.length - urgency] ?? 'Debug';
}

/** Numbers of the priorities that a text is the name of. */
export function urgenciesNamed(texts: Iterable<string>): readonly number[] {
  const wanted = new Set(texts);
  return priorities.filter((priority) => wanted.has(priority)).map(urgencyOf);
}
