/** Messages with attachments, as Slack invented them and others took them over. */

import { goTime, type HubAlert } from '@peregrine/alert';
import { type Template, templateDataOf } from '@peregrine/template';
import { isShort, type ShownField, shortened, slackColors, textFieldsOf } from './chat.ts';

/** Longest text that Slack shows, UTF-16 units. */
const MOST_TEXT = 30_000;
const MOST_VALUE = 2_000;
const MOST_FIELDS = 100;

export interface SlackFormat {
  readonly outputformat: 'all' | 'text' | 'fields';
  readonly messageformat: Template | undefined;
  readonly footer: string;
  readonly icon: string;
}

/** The attachment of an alert. `before` are the fields in front of those of the alert, in the destination's order. */
export function slackAttachment(alert: HubAlert, format: SlackFormat, before: readonly ShownField[]) {
  const shows = (part: 'text' | 'fields'): boolean =>
    format.outputformat === 'all' || format.outputformat === part;
  const fields = [
    ...before.map(({ title, value }) => ({ title, value: escapeSlack(value), short: true })),
    ...textFieldsOf(alert)
      .slice(0, MOST_FIELDS)
      .map(({ title, value }) => ({
        title: escapeSlack(title),
        value: escapeSlack(shortened(value, MOST_VALUE)),
        short: isShort(value),
      })),
    { title: 'time', value: goTime(alert.time), short: false },
  ];
  const text = escapeSlack(shortened(alert.output, MOST_TEXT));
  return {
    fallback: text,
    color: slackColors[alert.priority],
    text: shows('text') ? text : undefined,
    ...(shows('fields')
      ? {
          fields,
          footer: format.footer === '' ? undefined : format.footer,
          footer_icon: format.icon || undefined,
        }
      : {}),
  };
}

/** What `messageformat` makes of the alert; `undefined` where there is none or it does not fit. */
export function slackText(alert: HubAlert, { messageformat }: SlackFormat): string | undefined {
  const text = messageformat?.render(templateDataOf(alert, escapeSlack));
  return text === undefined ? undefined : shortened(text, MOST_TEXT);
}

/** An alert must not call the whole channel, nor hide an address behind a text. */
export function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
