/** JSON as alerts carry it: compact, integers exact whatever their size. */

import type { AlertValue } from '@peregrine/alert';

export function encodeJsonValue(value: AlertValue): string {
  switch (typeof value) {
    case 'bigint':
      return value.toString();
    case 'string':
    case 'boolean':
      return JSON.stringify(value);
    case 'number':
      return Number.isFinite(value) ? String(value) : 'null';
    default:
      return value === null ? 'null' : `[${value.map(encodeJsonValue).join(',')}]`;
  }
}

/** An object whose keys come out in the order of their bytes. */
export function encodeJsonFields(fields: Readonly<Record<string, AlertValue>>): string {
  const names = Object.keys(fields).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${encodeJsonValue(fields[name] ?? null)}`).join(',')}}`;
}
