/** Messages to a channel of Zoho Cliq, through a webhook. */

import { goTime, type HubAlert, type Priority } from '@peregrine/alert';
import { flag, type Outcome, schema, text, url } from '@peregrine/base';
import { template, templateDataOf } from '@peregrine/template';
import { defineHttpSink } from '../sink.ts';
import { type HttpAnswer, reasonOf } from '../transport/http-answer.ts';
import {
  fieldsWithin,
  fitted,
  hostnameField,
  LOGO,
  outputFormat,
  shortened,
  textFieldsOf,
  USERNAME,
} from './parts/chat.ts';
import { asPlainText, GAP, withoutLinks } from './parts/markup.ts';

/** What Cliq takes, UTF-16 units; the size of the table is ours. */
const MOST_TEXT = 5_000;
const MOST_VALUE = 500;
const MOST_ROWS = 50;
/** How long Cliq locks out who asked too often. */
const LOCKED_MS = 600_000;

const emoji: Readonly<Record<Priority, string>> = {
  Emergency: '🚨',
  Alert: '🟠',
  Critical: '🟠',
  Error: '🚨',
  Warning: '🟡',
  Notice: '🔵',
  Informational: '🟢',
  Debug: '⚪',
};

export const cliq = defineHttpSink({
  name: 'cliq',
  title: 'Cliq',
  category: 'chat',
  doc: 'Sends each alert as a message to a channel of Zoho Cliq.',
  config: schema({
    webhookurl: url({
      doc: 'Address of the webhook, with its token; whoever has it can post.',
      example: 'https://cliq.zoho.com/api/v2/channelsbyname/security/message?zapikey=XXXX',
    }),
    icon: text({ default: LOGO, doc: 'Address of the picture beside the message.' }),
    outputformat: outputFormat('fields'),
    useemoji: flag({ default: false, doc: 'Begin messages with an emoji for the priority.' }),
    messageformat: template({
      doc: 'Text above the alert.',
      example: 'rule *{{ .Rule }}* by user *{{ index .OutputFields "user.name" }}*',
    }),
  }),
  enabledBy: ['webhookurl'],
  request: (alert, config) => {
    const output = fitted(alert.output, MOST_TEXT, escapeCliq);
    const written = config.messageformat?.render(templateDataOf(alert, escapeCliq));
    const message = written === undefined ? output : shortened(written, MOST_TEXT);
    const hasText = written !== undefined && config.outputformat !== 'fields';
    const hasTable = config.outputformat !== 'text';
    const slides = [
      ...(hasText ? [{ type: 'text', data: output }] : []),
      ...(hasTable ? [{ type: 'table', data: tableOf(alert) }] : []),
    ];
    return {
      url: config.webhookurl,
      headers: { 'content-type': 'application/json' },
      json: {
        text: config.useemoji ? `${emoji[alert.priority]} ${message}` : message,
        bot: { name: USERNAME, image: config.icon || undefined },
        slides: slides.length === 0 ? undefined : slides,
      },
    };
  },
  classify: classifyCliq,
});

function tableOf(alert: HubAlert) {
  const fields = [
    { title: 'rule', value: alert.rule },
    { title: 'priority', value: alert.priority },
    ...hostnameField(alert),
    ...fieldsWithin(textFieldsOf(alert), { count: MOST_ROWS }),
    { title: 'time', value: goTime(alert.time) },
  ];
  return {
    headers: ['field', 'value'],
    rows: fields.map(({ title, value }) => ({
      field: fitted(title, MOST_VALUE, escapeCliq),
      value: fitted(value, MOST_VALUE, escapeCliq),
    })),
  };
}

/** Its markup has no escapes: what calls people or hides an address is taken apart. */
function escapeCliq(text: string): string {
  return asPlainText(withoutLinks(text)).replace(/\{(?=[@#])/g, `{${GAP}`);
}

/** Too many messages have the status of a bad request. */
function classifyCliq(answer: HttpAnswer): Outcome | undefined {
  if (answer.status !== 400 || !/throttle/i.test(answer.body)) return undefined;
  return { kind: 'retry', reason: reasonOf(answer), afterMs: LOCKED_MS };
}
