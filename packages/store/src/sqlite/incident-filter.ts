/** Filters and orders of incidents, in SQL for those that the database has, and as functions for those in memory. */

import type { SQLInputValue } from 'node:sqlite';
import { urgencyOf } from '@peregrine/query';
import type { IncidentFilter } from '../alert-store.ts';
import type { StoredIncident } from './incident-rows.ts';

export const incidentOrders = {
  urgent: 'urgency DESC, last_ns DESC, id',
  latest: 'last_ns DESC, id',
  count: 'count DESC, last_ns DESC, id',
} as const;

/** A `WHERE` clause, or an empty text. */
export function conditionsOf(filter: IncidentFilter): {
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
} {
  const conditions: string[] = [];
  const values: SQLInputValue[] = [];
  const add = (sql: string, ...more: SQLInputValue[]): void => {
    conditions.push(sql);
    values.push(...more);
  };
  const { states, assignee, rule, minimumPriority, priority, fromNs, text } = filter;
  if (states !== undefined) add(`state IN (${states.map(() => '?').join(', ')})`, ...states);
  if (assignee !== undefined) add('assignee IS ?', assignee === '' ? null : assignee);
  if (rule !== undefined) add('rule = ?', rule);
  if (minimumPriority !== undefined) add('urgency >= ?', urgencyOf(minimumPriority));
  if (priority !== undefined) add('urgency = ?', urgencyOf(priority));
  if (fromNs !== undefined) add('last_ns >= ?', fromNs);
  if (text !== undefined && text !== '') {
    const like = `%${text.replace(/[\\%_]/g, '\\$&')}%`;
    const columns = ['rule', 'workload', 'hostname', 'output'];
    add(`(${columns.map((name) => `${name} LIKE ? ESCAPE '\\'`).join(' OR ')})`, ...columns.map(() => like));
  }
  return { sql: conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`, values };
}

/** What a filter says of incidents without looking at more than these. */
export type IncidentGroup = Pick<StoredIncident, 'urgency' | 'state' | 'assignee'>;

/** Whether a filter asks for nothing but what groups say. */
export function isOfGroups({ rule, fromNs, text }: IncidentFilter): boolean {
  return rule === undefined && fromNs === undefined && (text === undefined || text === '');
}

/** Whether the filter takes incidents of such a group. */
export function fitsGroup(filter: IncidentFilter, group: IncidentGroup): boolean {
  const { states, assignee, minimumPriority, priority } = filter;
  if (states !== undefined && !states.includes(group.state)) return false;
  if (assignee !== undefined && (group.assignee ?? '') !== assignee) return false;
  if (minimumPriority !== undefined && group.urgency < urgencyOf(minimumPriority)) return false;
  return priority === undefined || group.urgency === urgencyOf(priority);
}

/** Whether the database would find an incident with that filter. */
export function createIncidentMatcher(filter: IncidentFilter): (incident: StoredIncident) => boolean {
  const { rule, fromNs, text } = filter;
  const hasText = text === undefined || text === '' ? undefined : likeText(text);
  return (incident) => {
    if (fromNs !== undefined && incident.lastNs < fromNs) return false;
    if (rule !== undefined && incident.rule !== rule) return false;
    if (!fitsGroup(filter, incident)) return false;
    if (hasText === undefined) return true;
    const { workload, hostname, output } = incident;
    return hasText(incident.rule) || hasText(workload) || hasText(hostname) || hasText(output);
  };
}

/** As SQLite's `LIKE` compares letters: the case of those of ASCII does not count, that of others does. */
function likeText(wanted: string): (text: string) => boolean {
  const letters = wanted.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  const pattern = new RegExp(
    letters.replace(/[A-Za-z]/g, (letter) => `[${letter.toLowerCase()}${letter.toUpperCase()}]`),
  );
  // Much faster, and finds all of these and some more.
  const folded = NOT_ASCII.test(wanted) ? undefined : wanted.toLowerCase();
  return (text) => (folded === undefined || text.toLowerCase().includes(folded)) && pattern.test(text);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the first of all characters.
const NOT_ASCII = /[^\u0000-\u007f]/;

/** Compares in the order that the filter asks for, as the database does. */
export function compareIncidents(
  order: IncidentFilter['order'],
): (a: StoredIncident, b: StoredIncident) => number {
  return (a, b) => {
    const first = order === 'urgent' ? b.urgency - a.urgency : order === 'count' ? b.count - a.count : 0;
    if (first !== 0) return first;
    if (a.lastNs !== b.lastNs) return a.lastNs > b.lastNs ? -1 : 1;
    return a.id < b.id ? -1 : 1;
  };
}

/** The first `most` of them, in order; much faster than to sort all. */
export function firstOf<T>(items: Iterable<T>, most: number, compare: (a: T, b: T) => number): readonly T[] {
  let found: T[] = [];
  // Sorted whenever twice as many are there; from then on, what comes after the last one is passed over.
  let last: T | undefined;
  const cut = (): void => {
    found = found.sort(compare).slice(0, most);
    if (found.length === most) last = found.at(-1);
  };
  for (const item of items) {
    if (last !== undefined && compare(item, last) > 0) continue;
    if (found.push(item) >= most * 2 + 16) cut();
  }
  cut();
  return found;
}
