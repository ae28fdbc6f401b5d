/** Alerts for destinations that take no more than so many bytes: texts are cut, and say that they are. */

import { encodeAlert, type HubAlert, type HubValue } from '@peregrine/alert';

/** COMPAT: the end of a text that was cut. */
const CUT = '[...]';

/** UTF-16 units of each text, and how many fields and tags there may be: tried in turn. */
const limits = [
  { text: 65_536, count: 10_000 },
  { text: 8_192, count: 1_000 },
  { text: 1_024, count: 200 },
  { text: 256, count: 50 },
  { text: 64, count: 10 },
] as const;

/** The alert itself where it fits; else one whose JSON does, or is as short as it can be made. */
export function fitAlert(alert: HubAlert, mostBytes: number): HubAlert {
  let fitted = alert;
  for (const { text, count } of limits) {
    if (Buffer.byteLength(fitted.json) <= mostBytes) return fitted;
    const cut = {
      ...alert,
      output: cutText(alert.output, text),
      rule: cutText(alert.rule, text),
      hostname: cutText(alert.hostname, text),
      source: cutText(alert.source, text),
      tags: cutList(alert.tags, count).map((tag) => cutText(tag, text)),
      fields: cutFields(alert.fields, text, count),
    };
    fitted = { ...cut, json: encodeAlert(cut) };
  }
  return fitted;
}

/** At most `most` UTF-16 units, whole characters, with a mark where something is missing. */
export function cutText(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text
    .slice(0, most - CUT.length)
    .toWellFormed()
    .replace(/\uFFFD$/, '')}${CUT}`;
}

/** At most `most` bytes of UTF-8. */
export function cutBytes(text: string, most: number): string {
  if (Buffer.byteLength(text) <= most) return text;
  const bytes = Buffer.from(text, 'utf8').subarray(0, most - CUT.length);
  return `${bytes.toString('utf8').replace(/\uFFFD+$/, '')}${CUT}`;
}

function cutFields(fields: HubAlert['fields'], text: number, count: number): HubAlert['fields'] {
  const entries = Object.entries(fields);
  const kept = entries
    .slice(0, count)
    .map(([name, value]) => [cutText(name, text), cutValue(value, text, count)]);
  return Object.fromEntries(
    entries.length > count ? [...kept, [CUT, `${entries.length - count} more`]] : kept,
  );
}

function cutValue(value: HubValue, text: number, count: number): HubValue {
  if (typeof value === 'string') return cutText(value, text);
  if (typeof value !== 'object' || value === null) return value;
  const json = JSON.stringify(value, (_key, part) => (typeof part === 'bigint' ? String(part) : part));
  return json.length <= text ? value : cutText(json, Math.min(text, count * 64));
}

function cutList(list: readonly string[], count: number): readonly string[] {
  return list.length <= count ? list : [...list.slice(0, count), CUT];
}
