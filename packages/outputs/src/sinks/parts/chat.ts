/** What messages for people have in common: which fields are shown, in which colour, and how long they may be. */

import { type HubAlert, type Priority, textOfValue } from '@peregrine/alert';
import { choice } from '@peregrine/base';

export const LOGO =
  'https://raw.githubusercontent.com/falcosecurity/falcosidekick/master/imgs/falcosidekick_color.png';
export const FOOTER = 'https://github.com/falcosecurity/falcosidekick';
export const USERNAME = 'Falcosidekick';

/** A chat shows two fields beside each other while both are shorter than this, code points. */
const LEAST_LONG = 36;

/** Room for the line that says how many fields are missing. */
const LONGEST_REST = 32;

/** The colours of Slack and what is like it. */
export const slackColors: Readonly<Record<Priority, string>> = {
  Emergency: '#e20b0b',
  Alert: '#ff5400',
  Critical: '#ff5400',
  Error: '#e20b0b',
  Warning: '#ffc700',
  Notice: '#5bffb5',
  Informational: '#68c2ff',
  Debug: '#ccfff2',
};

/** The ramp of Teams and of mails: six hexadecimal digits. */
export const rampColors: Readonly<Record<Priority, string>> = {
  Emergency: 'e20b0b',
  Alert: 'ff5400',
  Critical: 'ff9000',
  Error: 'ffc700',
  Warning: 'ffff00',
  Notice: '5bffb5',
  Informational: '68c2ff',
  Debug: 'ccfff2',
};

/** `all`, `text` or what the destination calls its fields. */
export function outputFormat<F extends string>(fields: F) {
  return choice(['all', 'text', fields], {
    default: 'all',
    doc: `What messages show: the text of the output, the ${fields}, or both.`,
  });
}

export interface ShownField {
  readonly title: string;
  readonly value: string;
}

/** COMPAT: only fields that hold texts are shown; keys are sorted, as the alert has them. */
export function textFieldsOf(alert: HubAlert): readonly ShownField[] {
  return Object.entries(alert.fields).flatMap(([title, value]) =>
    typeof value === 'string' ? [{ title, value }] : [],
  );
}

/** Fields of every kind, numbers to the last digit; those without a value are not shown. */
export function valueFieldsOf(alert: HubAlert): readonly ShownField[] {
  return Object.entries(alert.fields).flatMap(([title, value]) =>
    value === null ? [] : [{ title, value: textOfValue(value) }],
  );
}

/** What stands for the alert where a text is wanted: the output, unless the rule has none. */
export function headlineOf({ output, rule }: HubAlert): string {
  return output.trim() === '' ? rule : output;
}

/** As a list, since a field that has nothing to say is not shown. */
export function hostnameField({ hostname }: HubAlert): readonly ShownField[] {
  return hostname === '' ? [] : [{ title: 'hostname', value: hostname }];
}

export function tagsField({ tags }: HubAlert): readonly ShownField[] {
  return tags.length === 0 ? [] : [{ title: 'tags', value: tags.join(', ') }];
}

/** The first ones that fit; where some do not, a last one says how many. `chars` are UTF-16 units of all of them. */
export function fieldsWithin(
  fields: readonly ShownField[],
  most: { readonly count: number; readonly chars?: number },
): readonly ShownField[] {
  let count = 0;
  let room = most.chars ?? Number.POSITIVE_INFINITY;
  for (const { title, value } of fields.slice(0, most.count)) {
    room -= title.length + value.length;
    if (room < 0) break;
    count++;
  }
  if (count === fields.length) return fields;
  while (count > 0 && (count === most.count || room < LONGEST_REST)) {
    const last = fields[--count];
    room += (last?.title.length ?? 0) + (last?.value.length ?? 0);
  }
  const rest = { title: 'not shown', value: `${fields.length - count} more fields` };
  return [...fields.slice(0, count), rest];
}

/** Whether a field stands beside another one. */
export function isShort(value: string): boolean {
  return [...value].length < LEAST_LONG;
}

/** At most `most` UTF-16 units, with an ellipsis where something is missing. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text
    .slice(0, most - 3)
    .toWellFormed()
    .replace(/\uFFFD$/, '')}...`;
}

/**
 * What `escapeText` makes of the text, at most `most` UTF-16 units: shortened before it is escaped, so that no escape is cut
 * in two.
 */
export function fitted(text: string, most: number, escapeText: (text: string) => string): string {
  let length = Math.min(text.length, most);
  for (;;) {
    const escaped = escapeText(shortened(text, length));
    if (escaped.length <= most || length <= 3) return escaped;
    // Escapes are about as frequent in what stays.
    length = Math.max(3, Math.min(length - 1, Math.floor((length * most) / escaped.length)));
  }
}
