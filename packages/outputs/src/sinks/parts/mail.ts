/** Alerts as mails: subject, plain text and HTML. */

import { goTime, type HubAlert, textOfValue } from '@peregrine/alert';
import { rampColors, shortened } from './chat.ts';

/** UTF-16 units; programs for mail show less of a subject. */
const MOST_SUBJECT = 200;
const MOST_OUTPUT = 30_000;
const MOST_VALUE = 10_000;
const MOST_FIELDS = 500;

type Row = readonly [name: string, value: string];

export function subjectOf({ priority, output }: HubAlert): string {
  return shortened(`[${priority}] ${visible(output).replace(/\s+/g, ' ')}`, MOST_SUBJECT);
}

export function textBody(alert: HubAlert): string {
  const row = ([name, value]: Row): string => `${oneLine(name)}: ${indented(value)}`;
  const fields = fieldsOf(alert);
  return [
    row(['Priority', alert.priority]),
    ...factsOf(alert).map(row),
    '',
    '--Fields--',
    ...fields.shown.map(row),
    ...(fields.rest === undefined ? [] : [fields.rest]),
    '',
  ].join('\n');
}

export function htmlBody(alert: HubAlert): string {
  const fields = fieldsOf(alert);
  return [
    '<!DOCTYPE html>',
    '<html><head><meta charset="utf-8"></head><body style="font-family:arial,helvetica,sans-serif;font-size:13px">',
    `<p style="width:700px;padding:4px 0;text-align:center;color:#222;background-color:#${rampColors[alert.priority]}">`,
    `<strong>${escapeHtml(alert.priority)}</strong></p>`,
    tableOf(factsOf(alert)),
    '<h4>Fields</h4>',
    tableOf(fields.shown),
    ...(fields.rest === undefined ? [] : [`<p>${escapeHtml(fields.rest)}</p>`]),
    '</body></html>',
    '',
  ].join('\n');
}

function factsOf(alert: HubAlert): readonly Row[] {
  return [
    ['Output', shortened(alert.output, MOST_OUTPUT)],
    ['Rule', alert.rule],
    ['Source', alert.source],
    ['Hostname', alert.hostname],
    ['Tags', alert.tags.join(' ')],
    ['Time', goTime(alert.time)],
  ];
}

function fieldsOf({ fields }: HubAlert): {
  readonly shown: readonly Row[];
  readonly rest: string | undefined;
} {
  const rows = Object.entries(fields).map(
    ([name, value]): Row => [name, shortened(textOfValue(value), MOST_VALUE)],
  );
  const more = rows.length - MOST_FIELDS;
  return { shown: rows.slice(0, MOST_FIELDS), rest: more > 0 ? `... and ${more} fields more` : undefined };
}

function tableOf(rows: readonly Row[]): string {
  const head = 'style="background-color:#858585;color:#fff;text-align:left;white-space:nowrap"';
  const cell = 'style="background-color:#d1d6da;white-space:pre-wrap"';
  return [
    '<table cellpadding="5" cellspacing="1" style="width:700px">',
    ...rows.map(
      ([name, value]) =>
        `<tr><th ${head}>${escapeHtml(visible(name))}</th><td ${cell}>${escapeHtml(visible(value))}</td></tr>`,
    ),
    '</table>',
  ].join('\n');
}

/** INVARIANT: nothing in an alert is markup in a mail. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** Without what would change how the text around it is read: control characters, and those that turn its direction. */
function visible(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are the ones.
  return text.toWellFormed().replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}

function oneLine(text: string): string {
  return visible(text).replace(/\s+/g, ' ');
}

/** Lines of a value stand further right than those of the mail, so that it cannot add any. */
function indented(text: string): string {
  return visible(text).replace(/\r\n|[\r\n\u2028\u2029]/g, '\n    ');
}
