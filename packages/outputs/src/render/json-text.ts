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
  for (const name in fields) text += `${keyText(name)}${encodeJsonValue(fields[name] ?? null)},`;
  return `{${text.slice(0, -1)}}`;
}

const MOST_KEYS = 4_096;
/** Not state: the same few names come with each alert, and forgetting them costs only time. */
const keyTexts = new Map<string, string>();

function keyText(name: string): string {
  const known = keyTexts.get(name);
  if (known !== undefined) return known;
  if (keyTexts.size >= MOST_KEYS) keyTexts.clear();
  const text = `${JSON.stringify(name)}:`;
  keyTexts.set(name, text);
  return text;
}
