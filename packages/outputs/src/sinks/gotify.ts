/** Messages of an application of Gotify. */

import { goTime, type HubAlert, type Priority } from '@peregrine/alert';
import { choice, Secret, schema, secret, url } from '@peregrine/base';
import { defineHttpSink } from '../sink.ts';
import { joined } from './parts/address.ts';
import { fieldsWithin, fitted, valueFieldsOf } from './parts/chat.ts';
import { fitAlert } from './parts/fit-alert.ts';
import { escapeHtml, escapeMarkdown } from './parts/markup.ts';

/** Gotify has no limits; these keep a message one that a phone can show. */
const MOST_TEXT = 10_000;
const MOST_VALUE = 1_000;
const MOST_FIELDS = 100;
const MOST_JSON_BYTES = 100_000;

/** The more urgent, the louder. */
const priorities: Readonly<Record<Priority, number>> = {
  Emergency: 8,
  Alert: 7,
  Critical: 6,
  Error: 5,
  Warning: 4,
  Notice: 3,
  Informational: 2,
  Debug: 1,
};

export const gotify = defineHttpSink({
  name: 'gotify',
  title: 'Gotify',
  category: 'queues',
  doc: 'Sends each alert as a message to a Gotify server.',
  config: schema({
    hostport: url({ doc: 'Address of the server.', example: 'https://gotify.example.org' }),
    token: secret({ default: new Secret(''), doc: 'Token of the application that posts.', example: 'XXXX' }),
    format: choice(['markdown', 'plaintext', 'text', 'json'], {
      default: 'markdown',
      doc: 'How messages are written; `text` is `plaintext`.',
    }),
  }),
  enabledBy: ['hostport'],
  request: (alert, config) => ({
    url: joined(config.hostport, '/message'),
    headers: config.token.reveal() === '' ? {} : { 'x-gotify-key': config.token.reveal() },
    json: {
      title: `[Falco] [${alert.priority}] ${fitted(alert.rule, MOST_VALUE, same)}`,
      priority: priorities[alert.priority],
      message: messageOf(alert, config.format),
      extras: {
        'client::display': { contentType: config.format === 'markdown' ? 'text/markdown' : 'text/plain' },
      },
    },
  }),
});

function messageOf(alert: HubAlert, format: 'markdown' | 'plaintext' | 'text' | 'json'): string {
  switch (format) {
    case 'json':
      return fitAlert(alert, MOST_JSON_BYTES).json;
    case 'markdown':
      return linesOf(alert, (name) => `- **${name}**`, escapeGotify);
    default:
      return linesOf(alert, (name) => name, same);
  }
}

function linesOf(
  alert: HubAlert,
  nameOf: (name: string) => string,
  escapeText: (text: string) => string,
): string {
  const known = [
    ['Priority', alert.priority],
    ['Rule', fitted(alert.rule, MOST_VALUE, escapeText)],
    ['Output', fitted(alert.output, MOST_TEXT, escapeText)],
    ['Source', fitted(alert.source, MOST_VALUE, escapeText)],
    ['Tags', fitted(alert.tags.join(' '), MOST_VALUE, escapeText)],
    ['Time', goTime(alert.time)],
  ] as const;
  const fields = fieldsWithin(valueFieldsOf(alert), { count: MOST_FIELDS });
  const indent = nameOf('').startsWith('-') ? '    ' : '- ';
  return [
    ...known.map(([name, value]) => `${nameOf(name)}: ${value}`),
    `${nameOf('Fields')}:`,
    ...fields.map(
      ({ title, value }) =>
        `${indent}${nameOf(fitted(title, MOST_VALUE, escapeText))}: ${fitted(value, MOST_VALUE, escapeText)}`,
    ),
  ].join('\n');
}

/** Entities and backslashes, as its Markdown reads both. */
function escapeGotify(text: string): string {
  return escapeMarkdown(escapeHtml(text));
}

function same(text: string): string {
  return text;
}
