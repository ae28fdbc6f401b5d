/** Messages to a space of Google Chat, through a webhook. */

import { goTime, type HubAlert } from '@peregrine/alert';
import { schema, url } from '@peregrine/base';
import { template, templateDataOf } from '@peregrine/template';
import { defineHttpSink } from '../sink.ts';
import {
  fieldsWithin,
  fitted,
  headlineOf,
  hostnameField,
  outputFormat,
  type ShownField,
  shortened,
  tagsField,
  textFieldsOf,
} from './parts/chat.ts';
import { asPlainText, escapeHtml, notBlank } from './parts/markup.ts';
import { withinSize } from './parts/within-size.ts';

/** What Google Chat takes: UTF-16 units of text, and bytes of all (32 KB). */
const MOST_TEXT = 4_096;
const MOST_BYTES = 31_000;

interface Limit {
  readonly value: number;
  readonly fields: number;
  readonly text: number;
}

/** UTF-16 units, and a count: of the 100 widgets that a card may have, some are not fields. */
const limits: readonly [Limit, ...Limit[]] = [
  { text: MOST_TEXT, value: 2_000, fields: 90 },
  { text: MOST_TEXT, value: 300, fields: 40 },
  { text: 1_000, value: 100, fields: 15 },
];

export const googlechat = defineHttpSink({
  name: 'googlechat',
  title: 'GoogleChat',
  category: 'chat',
  doc: 'Sends each alert as a message to a space of Google Chat.',
  config: schema({
    webhookurl: url({
      doc: 'Address of the webhook; whoever has it can post.',
      example: 'https://chat.googleapis.com/v1/spaces/XXXX/messages?key=YYYY&token=ZZZZ',
    }),
    outputformat: outputFormat('fields'),
    messageformat: template({
      doc: 'Text above the fields; where there are none, it stands for the output.',
      example: 'rule *{{ .Rule }}* by user *{{ index .OutputFields "user.name" }}*',
    }),
  }),
  enabledBy: ['webhookurl'],
  request: (alert, config) => {
    const written = config.messageformat?.render(templateDataOf(alert, asPlainText));
    return {
      url: config.webhookurl,
      json:
        config.outputformat === 'text'
          ? { text: notBlank(shortened(written || asPlainText(headlineOf(alert)), MOST_TEXT)) }
          : withinSize(limits, MOST_BYTES, (limit) => ({
              text: written?.trim() ? shortened(written, limit.text) : undefined,
              cards: [
                { sections: [{ widgets: fieldsOf(alert, limit).map((field) => widgetOf(field, limit)) }] },
              ],
            })),
    };
  },
});

function fieldsOf(alert: HubAlert, limit: Limit): readonly ShownField[] {
  return [
    { title: 'rule', value: alert.rule },
    { title: 'priority', value: alert.priority },
    { title: 'source', value: alert.source },
    ...hostnameField(alert),
    ...fieldsWithin(textFieldsOf(alert), { count: limit.fields }),
    ...tagsField(alert),
    { title: 'time', value: goTime(alert.time) },
  ];
}

/** Both texts are read as HTML, and may not be empty. */
function widgetOf({ title, value }: ShownField, limit: Limit) {
  return {
    keyValue: {
      topLabel: notBlank(fitted(title, limit.value, escapeHtml)),
      content: notBlank(fitted(value, limit.value, escapeHtml)),
    },
  };
}
