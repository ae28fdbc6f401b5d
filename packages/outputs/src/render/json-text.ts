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

/** An object whose keys come out as they are in `fields`: an alert has them in order. */
export function encodeJsonFields(fields: Readonly<Record<string, AlertValue>>): string {
  let text = '';
  for (const name in fields) {
    text += `${text === '' ? '{' : ','}${JSON.stringify(name)}:${encodeJsonValue(fields[name] ?? null)}`;
  }
  return text === '' ? '{}' : `${text}}`;
}
