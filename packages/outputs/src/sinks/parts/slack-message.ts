/** Messages with attachments, as Slack invented them and others took them over. */

import { goTime, type HubAlert } from '@peregrine/alert';
import { type Template, templateDataOf } from '@peregrine/template';
import { fieldsWithin, isShort, type ShownField, shortened, slackColors, textFieldsOf } from './chat.ts';
import { escapeHtml } from './markup.ts';

/** Longest text that Slack shows, UTF-16 units. */
const MOST_TEXT = 30_000;
const MOST_VALUE = 2_000;
const MOST_FIELDS = 100;

/** The keys of a section that say what a message shows. */
export interface SlackFormat {
  readonly outputformat: 'all' | 'text' | 'fields';
  readonly messageformat: Template | undefined;
}

/** What differs between the destinations. */
export interface SlackDialect {
  /** Fields in front of those of the alert, in the destination's order. */
  readonly before: readonly ShownField[];
  /** Fields behind the time. */
  readonly after?: readonly ShownField[];
  /** Keys below the fields. */
  readonly footer?: { readonly footer: string | undefined; readonly footer_icon?: string | undefined };
  /** How a text of an alert is kept from being markup; `escapeSlack` unless stated. */
  readonly escapeText?: (text: string) => string;
  /** The same for the text of notifications, where that is not the same. */
  readonly escapeFallback?: (text: string) => string;
}

export function slackAttachment(alert: HubAlert, format: SlackFormat, dialect: SlackDialect) {
  const { before, after = [], footer = {}, escapeText = escapeSlack, escapeFallback = escapeText } = dialect;
  const shows = (part: 'text' | 'fields'): boolean =>
    format.outputformat === 'all' || format.outputformat === part;
  const ofAlert = (short: boolean, { title, value }: ShownField) => ({
    title: escapeText(shortened(title, MOST_VALUE)),
    value: escapeText(shortened(value, MOST_VALUE)),
    short,
  });
  const fields = [
    ...before.map((field) => ofAlert(true, field)),
    ...fieldsWithin(textFieldsOf(alert), { count: MOST_FIELDS }).map((field) =>
      ofAlert(isShort(field.value), field),
    ),
    { title: 'time', value: goTime(alert.time), short: false },
    ...after.map((field) => ofAlert(true, field)),
  ];
  const text = shortened(alert.output, MOST_TEXT);
  return {
    fallback: escapeFallback(text),
    color: slackColors[alert.priority],
    text: shows('text') ? escapeText(text) : undefined,
    ...(shows('fields') ? { fields, ...footer } : {}),
  };
}

/** What `messageformat` makes of the alert; `undefined` where there is none or it does not fit. */
export function slackText(
  alert: HubAlert,
  { messageformat }: SlackFormat,
  escapeText: (text: string) => string = escapeSlack,
  most: number = MOST_TEXT,
): string | undefined {
  const text = messageformat?.render(templateDataOf(alert, escapeText));
  return text === undefined ? undefined : shortened(text, most);
}

/** An alert must not call the whole channel, nor hide an address behind a text. */
export function escapeSlack(text: string): string {
  return escapeHtml(text);
}
