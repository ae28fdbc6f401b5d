/** What messages for people have in common: which fields are shown, in which colour, and how long they may be. */

import type { HubAlert, Priority } from '@peregrine/alert';
import { choice } from '@peregrine/base';

export const LOGO =
  'https://raw.githubusercontent.com/falcosecurity/falcosidekick/master/imgs/falcosidekick_color.png';
export const FOOTER = 'https://github.com/falcosecurity/falcosidekick';
export const USERNAME = 'Falcosidekick';

/** A chat shows two fields beside each other while both are shorter than this, code points. */
const LEAST_LONG = 36;

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
