/** An alert as rows: what SQL compares, what is searched, and the alert itself, which is its JSON as it came. */

import { decodeAlert, type HubAlert } from '@peregrine/alert';
import { numbersIn, urgencyOf } from '@peregrine/query';
import type { KeptAlert, TriageState } from '../alert-store.ts';
import { textsIn } from '../match-alert.ts';
import { foldText } from '../segments/fold-text.ts';
import { textsOf } from '../segments/match-rows.ts';
import { withoutPrefix } from '../segments/segment.ts';
import type { SqlRow } from '../sql/sql-database.ts';

/**
 * PostgreSQL takes no NUL. U+FFFF stands for it, which is no character and as short, so that parts of texts stay parts. Halves
 * of characters, which no UTF-8 has, become U+FFFD.
 */
export const toSearched = (text: string): string => text.toWellFormed().replaceAll('\u0000', '\uffff');
export const fromSearched = (text: string): string => text.replaceAll('\uffff', '\u0000');

/** Between the texts of an alert; no character either. */
const SEPARATOR = '\ufffe';

/** The member of `fields` with the numbers of a field, for those that are compared as numbers. */
export const numbersOf = (field: string): string => `#${field}`;
/** The member with its texts. */
export const textsOfField = (field: string): string => `=${toSearched(field)}`;

/** Whether text after text has to be looked at, since it holds what stands for something else. */
export const isPlainText = (text: string): boolean => !/[\ufffe\uffff]/.test(text) && text.isWellFormed();

export interface AlertRow {
  readonly seq: number;
  readonly time_ns: string;
  readonly urgency: number;
  readonly rule: string;
  readonly source: string;
  readonly hostname: string;
  readonly incident: string;
  readonly mark: string | undefined;
  readonly uuid: string | undefined;
  readonly tags: readonly string[];
  readonly fields: Readonly<Record<string, readonly (string | number | bigint)[]>>;
  readonly output: string;
  readonly searched: string;
  readonly body: string;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
export const isUuid = (text: string): boolean => UUID.test(text);

export function rowOf(
  alert: HubAlert,
  {
    seq,
    incident,
    mark,
  }: { readonly seq: number; readonly incident: string; readonly mark: string | undefined },
): AlertRow {
  return {
    seq,
    time_ns: String(alert.timeNs),
    urgency: urgencyOf(alert.priority),
    rule: toSearched(alert.rule),
    source: toSearched(alert.source),
    hostname: toSearched(alert.hostname),
    incident,
    mark: mark && toSearched(mark),
    uuid: isUuid(alert.uuid) ? alert.uuid : undefined,
    tags: alert.tags.map(toSearched),
    fields: fieldsOf(alert),
    output: toSearched(withoutPrefix(alert.output)),
    searched: toSearched(textsIn(alert).map(foldText).join(SEPARATOR)),
    body: alert.json.toWellFormed(),
  };
}

/** Longer numbers are none to compare: PostgreSQL takes not many more. */
const MOST_DIGITS = 1_000;

function fieldsOf({ fields }: HubAlert): AlertRow['fields'] {
  const stored: Record<string, readonly (string | number | bigint)[]> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value === null || (Array.isArray(value) && value.length === 0)) continue;
    stored[textsOfField(name)] = textsOf(value).map(toSearched);
    const numbers = numbersIn(name, value)?.filter((number) => String(number).length <= MOST_DIGITS);
    if (numbers !== undefined) stored[numbersOf(toSearched(name))] = numbers;
  }
  return stored;
}

/** Columns that `keptFrom` reads, of `alerts a`, `bodies b`, `incidents i` and `overrides o`. */
export const KEPT_COLUMNS = `a.seq, a.time_ns, a.mark, a.incident, b.body,
  coalesce(o.state, i.state, 'new') AS state, CASE WHEN o.seq IS NULL THEN i.assignee ELSE o.assignee END AS assignee`;
export const KEPT_JOINS = `JOIN bodies b ON b.seq = a.seq LEFT JOIN incidents i ON i.id = a.incident
  LEFT JOIN overrides o ON o.seq = a.seq`;

export interface KeptPlace {
  readonly kept: KeptAlert;
  readonly timeNs: bigint;
  readonly seq: number;
}

/** None for a body that no hub wrote. */
export function keptFrom(row: SqlRow): KeptPlace[] {
  const alert = decodeAlert(String(row.body));
  if (alert === undefined) return [];
  const seq = Number(row.seq);
  const kept: KeptAlert = {
    id: seq.toString(36),
    alert,
    mark: typeof row.mark === 'string' ? fromSearched(row.mark) : undefined,
    state: row.state as TriageState, // Only such are written.
    assignee: typeof row.assignee === 'string' ? fromSearched(row.assignee) : undefined,
    incidentId: String(row.incident),
  };
  return [{ kept, timeNs: alert.timeNs, seq }];
}
