/** Messages to a channel of Discord, through a webhook. */

import { goTime, type HubAlert, type Priority } from '@peregrine/alert';
import { schema, text, url } from '@peregrine/base';
import { defineHttpSink } from '../sink.ts';
import {
  fieldsWithin,
  fitted,
  hostnameField,
  LOGO,
  type ShownField,
  shortened,
  tagsField,
  textFieldsOf,
} from './parts/chat.ts';
import { escapeMarkdown, GAP, notBlank } from './parts/markup.ts';

/** What Discord takes, UTF-16 units: 4096 in the description, 25 fields of 256 and 1024, 6000 in all. */
const MOST_DESCRIPTION = 2_000;
const MOST_NAME = 256;
const MOST_VALUE = 1_000;
const MOST_FACT = 200;
const MOST_FIELDS = 25;
const MOST_CHARS = 5_900;

/** COMPAT: numbers as texts. */
const colors: Readonly<Record<Priority, string>> = {
  Emergency: '15158332',
  Alert: '11027200',
  Critical: '15105570',
  Error: '15844367',
  Warning: '12745742',
  Notice: '3066993',
  Informational: '3447003',
  Debug: '12370112',
};

export const discord = defineHttpSink({
  name: 'discord',
  title: 'Discord',
  category: 'chat',
  doc: 'Sends each alert as a message to a channel of Discord.',
  config: schema({
    webhookurl: url({
      doc: 'Address of the webhook; whoever has it can post.',
      example: 'https://discord.com/api/webhooks/0000/XXXX',
    }),
    icon: text({
      default: LOGO,
      doc: 'Address of the picture beside the message; empty, it is that of the webhook.',
    }),
  }),
  enabledBy: ['webhookurl'],
  request: (alert, config) => ({
    url: config.webhookurl,
    json: {
      content: '',
      avatar_url: config.icon || undefined,
      embeds: [embedOf(alert)],
    },
  }),
});

function embedOf(alert: HubAlert) {
  const description = fitted(alert.output, MOST_DESCRIPTION, escapeDiscord);
  const before = factsOf([
    { title: 'rule', value: alert.rule },
    { title: 'priority', value: alert.priority },
    { title: 'source', value: alert.source },
    ...hostnameField(alert),
  ]);
  const after = factsOf([...tagsField(alert), { title: 'time', value: goTime(alert.time) }]);
  const shown = textFieldsOf(alert).map(({ title, value }) => ({
    title: notBlank(fitted(title, MOST_NAME, escapeDiscord)),
    value: codeBlock(value),
  }));
  const taken = [...before, ...after].reduce((sum, { title, value }) => sum + title.length + value.length, 0);
  const fields = fieldsWithin(shown, {
    count: MOST_FIELDS - before.length - after.length,
    chars: MOST_CHARS - description.length - taken,
  });
  return {
    title: '',
    url: '',
    description,
    color: colors[alert.priority],
    fields: [...before, ...fields, ...after].map(({ title, value }) => ({
      name: title,
      value,
      inline: true,
    })),
  };
}

/** Without those that are empty, which Discord refuses. */
function factsOf(fields: readonly ShownField[]): readonly ShownField[] {
  return fields
    .filter(({ value }) => value.trim() !== '')
    .map(({ title, value }) => ({ title, value: fitted(value, MOST_FACT, escapeDiscord) }));
}

/** Nothing ends the block but its own end, and its first line is not taken for the name of a language. */
function codeBlock(value: string): string {
  const text = shortened(value.slice(0, MOST_VALUE * 2).replace(/`(?=`)/g, `\`${GAP}`), MOST_VALUE);
  const start = /^(?:`|[\w+.#-]+\n)/.test(text) ? GAP : '';
  const end = text.endsWith('`') ? GAP : '';
  return `\`\`\`${start}${text}${end}\`\`\``;
}

function escapeDiscord(text: string): string {
  return escapeMarkdown(text).replaceAll('<', '\\<');
}
