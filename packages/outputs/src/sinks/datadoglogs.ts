/** Log entries for Datadog. */

import type { Encodable, HubAlert } from '@peregrine/alert';
import { type Infer, schema, secret, text, url } from '@peregrine/base';
import { defineHttpSink, type HttpRequest } from '../sink.ts';
import { joined } from './parts/address.ts';
import { fitAlert } from './parts/fit-alert.ts';

/** What Datadog takes: 1 MB for an entry, 5 MB and 1000 entries in a request. Quotes of the JSON are escaped in it. */
const MOST_ALERT_BYTES = 700_000;
const MOST_BATCH_BYTES = 2_500_000;
const MOST_ALERTS = 500;

const config = schema({
  apikey: secret({ doc: 'API key.', example: '0123456789abcdef0123456789abcdef' }),
  host: url({
    default: 'https://http-intake.logs.datadoghq.com/',
    doc: 'Address of the intake for logs of your site.',
  }),
  service: text({ default: '', doc: 'Service that the entries belong to.' }),
});
type Config = Infer<typeof config>;

export const datadoglogs = defineHttpSink({
  name: 'datadoglogs',
  title: 'DatadogLogs',
  category: 'logs',
  doc: 'Sends each alert as a log entry to Datadog.',
  config,
  enabledBy: ['apikey'],
  request: (alert, settings) => requestFor(entryOf(alert, settings), settings),
  batch: {
    limits: () => ({ mostAlerts: MOST_ALERTS, mostBytes: MOST_BATCH_BYTES, waitMs: 0 }),
    request: (alerts, settings) => {
      const entries = alerts.map((alert) => entryOf(alert, settings));
      const [only] = entries;
      return requestFor(entries.length === 1 && only !== undefined ? only : entries, settings);
    },
  },
});
function requestFor(json: Encodable, { host, apikey }: Config): HttpRequest {
  return { url: joined(host, '/api/v2/logs'), headers: { 'dd-api-key': apikey.reveal() }, json };
}

function entryOf(alert: HubAlert, { service }: Config): Encodable {
  return {
    ddsource: 'falco',
    hostname: alert.hostname || undefined,
    service: service || undefined,
    message: fitAlert(alert, MOST_ALERT_BYTES).json,
    ddtags: alert.tags.join(',') || undefined,
  };
}
