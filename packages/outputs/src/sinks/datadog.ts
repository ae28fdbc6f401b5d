/** Events for Datadog. */

import type { HubAlert, Priority } from '@peregrine/alert';
import { schema, secret, url } from '@peregrine/base';
import { defineHttpSink } from '../sink.ts';
import { joined } from './parts/address.ts';
import { headlineOf, shortened, textFieldsOf } from './parts/chat.ts';
import { GAP } from './parts/markup.ts';

/** What Datadog takes, UTF-16 units; the number of tags is ours. */
const MOST_TITLE = 500;
const MOST_TEXT = 4_000;
const MOST_TAG = 200;
const MOST_TAGS = 500;
/** Older events are refused when they have a time. */
const MOST_AGE_MS = 17 * 3_600_000;

const types: Readonly<Record<Priority, 'error' | 'warning' | 'info'>> = {
  Emergency: 'error',
  Alert: 'error',
  Critical: 'error',
  Error: 'error',
  Warning: 'warning',
  Notice: 'info',
  Informational: 'info',
  Debug: 'info',
};

export const datadog = defineHttpSink({
  name: 'datadog',
  title: 'Datadog',
  category: 'metrics',
  doc: 'Sends each alert as an event to Datadog.',
  config: schema({
    apikey: secret({ doc: 'API key.', example: '0123456789abcdef0123456789abcdef' }),
    host: url({ default: 'https://api.datadoghq.com', doc: 'Address of the API of your site.' }),
  }),
  enabledBy: ['apikey'],
  request: (alert, config, { nowMs }) => ({
    url: joined(config.host, '/api/v1/events'),
    headers: { 'dd-api-key': config.apikey.reveal() },
    json: {
      title: shortened(alert.rule, MOST_TITLE),
      text: textOf(alert),
      alert_type: types[alert.priority],
      source_type_name: 'falco',
      tags: tagsOf(alert),
      date_happened: dateOf(alert, nowMs),
    },
  }),
});

/** A text that begins with `%%%` would be Markdown. */
function textOf(alert: HubAlert): string {
  const text = headlineOf(alert);
  return shortened(text.startsWith('%%%') ? `${GAP}${text}` : text, MOST_TEXT);
}

/** COMPAT: only fields that hold texts. */
function tagsOf(alert: HubAlert): readonly string[] {
  const known = [
    `source:${alert.source}`,
    'source:falco',
    ...(alert.hostname === '' ? [] : [`hostname:${alert.hostname}`]),
    ...alert.tags,
  ];
  const fields = textFieldsOf(alert).map(({ title, value }) => `${title}:${value}`);
  const shown = fields.slice(0, MOST_TAGS);
  const missing = fields.length - shown.length;
  return [
    ...shown,
    ...(missing === 0 ? [] : [`not shown:${missing} more fields`]),
    ...known.slice(0, MOST_TAGS),
  ].map((tag) => shortened(tag, MOST_TAG));
}

/** When it happened, seconds: an alert that had to wait keeps its time, unless it had to wait for very long. */
function dateOf({ timeNs }: HubAlert, nowMs: number): number | undefined {
  const timeMs = Number(timeNs / 1_000_000n);
  return nowMs - timeMs > MOST_AGE_MS ? undefined : Math.floor(timeMs / 1_000);
}
