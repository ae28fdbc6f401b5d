/** Alerts as a file: read from the store page by page, as fast as whoever asked takes them. */

import { textOfValue } from '@peregrine/alert';
import type { ContentReply } from '@peregrine/api';
import { type AlertFilter, type AlertStore, type KeptAlert, withoutPrefix } from '@peregrine/store';
import { withFilterErrors } from '../filter-query.ts';

export type ExportFormat = 'json' | 'jsonl' | 'csv';

const PAGE = 500;
const MOST = 1_000_000;
const contentTypes = {
  json: 'application/json',
  jsonl: 'application/x-ndjson',
  csv: 'text/csv; charset=utf-8',
} as const;

export async function exportReply(
  store: AlertStore,
  filter: AlertFilter,
  { format, limit = MOST }: { readonly format: ExportFormat; readonly limit?: number | undefined },
  signal: AbortSignal,
): Promise<ContentReply> {
  // What is wrong with the filter is told before the file begins.
  await withFilterErrors(store.search(filter, { limit: 1 }, signal));
  return {
    contentType: contentTypes[format],
    fileName: `alerts.${format}`,
    body: exportText(store, filter, { format, limit }, signal),
  };
}

export function exportText(
  store: AlertStore,
  filter: AlertFilter,
  { format, limit }: { readonly format: ExportFormat; readonly limit: number },
  signal?: AbortSignal,
): AsyncGenerator<string> {
  return alertsText(pagesOf(store, filter, limit, signal), format);
}

async function* pagesOf(
  store: AlertStore,
  filter: AlertFilter,
  limit: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly KeptAlert[]> {
  let left = limit;
  let cursor: string | undefined;
  while (left > 0) {
    const page = await store.search(filter, { limit: Math.min(PAGE, left), cursor }, signal);
    yield page.alerts;
    left -= page.alerts.length;
    cursor = page.next;
    if (cursor === undefined) break;
  }
}

export async function* alertsText(
  pages: AsyncIterable<readonly KeptAlert[]> | Iterable<readonly KeptAlert[]>,
  format: ExportFormat,
): AsyncGenerator<string> {
  let isFirst = true;
  if (format === 'json') yield '[';
  if (format === 'csv') yield `${[...columns, 'output_fields'].join(',')}\r\n`;
  for await (const alerts of pages) {
    const parts = alerts.map((kept) => (format === 'csv' ? csvRow(kept) : kept.alert.json));
    if (parts.length === 0) continue;
    if (format === 'json') yield `${isFirst ? '\n' : ',\n'}${parts.join(',\n')}`;
    else yield format === 'csv' ? parts.join('') : `${parts.join('\n')}\n`;
    isFirst = false;
  }
  if (format === 'json') yield '\n]\n';
}

const columns = [
  'id',
  'time',
  'priority',
  'rule',
  'source',
  'hostname',
  'tags',
  'state',
  'assignee',
  'output',
] as const;

function csvRow({ id, alert, state, assignee }: KeptAlert): string {
  const { time, priority, rule, source, hostname, tags, output } = alert;
  const fields = Object.entries(alert.fields).map(([name, value]) => `${name}=${textOfValue(value)}`);
  const cells = [
    id,
    time,
    priority,
    rule,
    source,
    hostname,
    tags.join(' '),
    state,
    assignee ?? '',
    withoutPrefix(output),
    fields.join(' '),
  ];
  return `${cells.map(csvCell).join(',')}\r\n`;
}

/** Quoted, and without what spreadsheets take for the beginning of a formula (OWASP, CSV injection). */
export function csvCell(text: string): string {
  const tame = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${tame.replaceAll('"', '""')}"`;
}
