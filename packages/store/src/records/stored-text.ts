/** Texts as every database can hold them: PostgreSQL takes no NUL, so that it is written as U+FFFD and a digit. */

import type { SqlValue } from '../sql/sql-database.ts';

export function toStored(text: string): string {
  return text.toWellFormed().replaceAll('\ufffd', '\ufffd1').replaceAll('\u0000', '\ufffd0');
}

export function fromStored(value: SqlValue | undefined): string {
  const text = typeof value === 'string' ? value : '';
  return text.replaceAll('\ufffd0', '\u0000').replaceAll('\ufffd1', '\ufffd');
}
