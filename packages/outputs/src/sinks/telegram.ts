/** Messages to a chat of Telegram, from a bot. */

import { goTime, type HubAlert } from '@peregrine/alert';
import { type Outcome, objectIn, parseObject, schema, secret, text, textIn, url } from '@peregrine/base';
import { defineHttpSink } from '../sink.ts';
import { type HttpAnswer, reasonOf } from '../transport/http-answer.ts';
import { fieldsWithin, shortened, valueFieldsOf } from './parts/chat.ts';

/** What Telegram takes, UTF-16 units, counted without markup. */
const MOST_TEXT = 4_096;
const MOST_OUTPUT = 1_500;
const MOST_FACT = 256;
const MOST_VALUE = 512;
const MOST_FIELDS = 60;
/** Bullet, blanks, colon and end of a line with a field. */
const LINE_FRAME = 10;

export const telegram = defineHttpSink({
  name: 'telegram',
  title: 'Telegram',
  category: 'chat',
  doc: 'Sends each alert as a message of a bot to a chat of Telegram.',
  config: schema({
    host: url({ default: 'https://api.telegram.org', doc: 'Address of the Bot API.' }),
    token: secret({ doc: 'Token of the bot.', example: '0000:XXXX' }),
    chatid: text({
      doc: 'Identifier of the chat, or `@` with the name of a channel.',
      example: '-1001234567890',
    }),
    messagethreadid: text({ default: '', doc: 'Identifier of the topic in a forum; empty, there is none.' }),
  }),
  enabledBy: ['chatid', 'token'],
  request: (alert, config) => ({
    url: `${config.host.replace(/\/+$/, '')}/bot${encodeURIComponent(config.token.reveal()).replaceAll('%3A', ':')}/sendMessage`,
    json: {
      text: messageOf(alert),
      parse_mode: 'MarkdownV2',
      disable_web_page_preview: true,
      chat_id: config.chatid,
      message_thread_id: config.messagethreadid || undefined,
    },
  }),
  classify: classifyTelegram,
});

/** The header, what is known of the alert, its fields and its output, as Telegram's Markdown. */
function messageOf(alert: HubAlert): string {
  const title = `[Falco] [${alert.priority}] ${shortened(alert.rule, MOST_FACT)}`;
  const facts = [
    { title: 'Time', value: goTime(alert.time) },
    { title: 'Source', value: alert.source },
    { title: 'Hostname', value: alert.hostname },
    { title: 'Tags', value: alert.tags.join(' ') },
  ]
    .filter(({ value }) => value !== '')
    .map((fact) => ({ title: fact.title, value: shortened(fact.value, MOST_FACT) }));
  const output = shortened(alert.output, MOST_OUTPUT);
  const fields = valueFieldsOf(alert).map((field) => ({
    title: shortened(field.title, MOST_FACT),
    value: shortened(field.value, MOST_VALUE),
  }));
  const rest = [...facts, { title, value: output }].reduce(
    (sum, fact) => sum + fact.title.length + fact.value.length + LINE_FRAME,
    // The headings of the fields and of the output.
    4 * LINE_FRAME,
  );
  const shown = fieldsWithin(fields, {
    count: MOST_FIELDS,
    chars: MOST_TEXT - rest - Math.min(fields.length, MOST_FIELDS) * LINE_FRAME,
  });
  return [
    `*${escapeTelegram(title)}*`,
    ...facts.map((fact) => `• *${fact.title}*: ${escapeTelegram(fact.value)}`),
    '• *Fields*:',
    ...shown.map((field) => `\t  • *${escapeTelegram(field.title)}*: ${escapeTelegram(field.value)}`),
    `*Output*: ${escapeTelegram(output)}`,
  ].join('\n');
}

/** Everything that could be markup, the backslash among it. */
function escapeTelegram(text: string): string {
  return text.replace(/[\\_*[\]()~`>#+\-=|{}.!]/g, '\\$&');
}

/** A chat that is not there has the status of a bad request, and how long to wait is in the body. */
function classifyTelegram(answer: HttpAnswer): Outcome | undefined {
  const body = parseObject(answer.body);
  if (answer.status === 429) {
    const seconds = objectIn(body?.parameters)?.retry_after;
    const afterMs = typeof seconds === 'number' ? seconds * 1_000 : undefined;
    return afterMs === undefined ? undefined : { kind: 'retry', reason: reasonOf(answer), afterMs };
  }
  if (answer.status !== 400 || !/not found|upgraded to a supergroup|TOPIC_/.test(textIn(body?.description))) {
    return undefined;
  }
  return { kind: 'retry', reason: reasonOf(answer), afterMs: undefined };
}
