/** Messages to a space of Webex, through an incoming webhook. */

import type { HubAlert } from '@peregrine/alert';
import { schema, url } from '@peregrine/base';
import { defineHttpSink } from '../sink.ts';
import { fieldsWithin, fitted, type ShownField, valueFieldsOf } from './parts/chat.ts';
import { escapeHtml, escapeMarkdown } from './parts/markup.ts';
import { withinSize } from './parts/within-size.ts';

/** Webex takes 7439 bytes of Markdown. */
const MOST_BYTES = 7_400;

interface Limit {
  readonly text: number;
  readonly value: number;
  readonly fields: number;
}

/** UTF-16 units, and a count. */
const limits: readonly [Limit, ...Limit[]] = [
  { text: 3_000, value: 500, fields: 60 },
  { text: 1_000, value: 150, fields: 20 },
  { text: 300, value: 60, fields: 8 },
];

export const webex = defineHttpSink({
  name: 'webex',
  title: 'Webex',
  category: 'chat',
  doc: 'Sends each alert as a message to a space of Webex.',
  config: schema({
    webhookurl: url({
      doc: 'Address of the incoming webhook; whoever has it can post.',
      example: 'https://webexapis.com/v1/webhooks/incoming/XXXX',
    }),
  }),
  enabledBy: ['webhookurl'],
  request: (alert, config) => ({
    url: config.webhookurl,
    json: withinSize(limits, MOST_BYTES, (limit) => ({ markdown: messageOf(alert, limit) })),
  }),
});

function messageOf(alert: HubAlert, limit: Limit): string {
  const known = [
    { title: 'Hostname', value: alert.hostname },
    { title: 'Source', value: alert.source },
    { title: 'Priority', value: alert.priority },
    { title: 'Tags', value: alert.tags.join(', ') },
  ].filter(({ value }) => value !== '');
  const fields = fieldsWithin(valueFieldsOf(alert), { count: limit.fields });
  const item = ({ title, value }: ShownField): string =>
    `* ${fitted(title, limit.value, escapeWebex)}: ${fitted(value, limit.value, escapeWebex)}`;
  return [
    `# Falco: ${fitted(alert.rule, limit.value, escapeWebex)}`,
    `### ${fitted(alert.output, limit.text, escapeWebex)}`,
    '',
    ...known.map(item),
    '* Fields:',
    ...fields.map((field) => `    ${item(field)}`),
  ].join('\n');
}

/** Its Markdown has HTML in it, mentions among it, and a heading or an item is one line. */
function escapeWebex(text: string): string {
  return escapeMarkdown(escapeHtml(text)).replace(/\s+/g, ' ');
}
