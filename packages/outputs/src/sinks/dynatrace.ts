/** Log records for Dynatrace. */

import { type Encodable, type HubAlert, textOfValue } from '@peregrine/alert';
import { type Infer, schema, secret, url } from '@peregrine/base';
import { defineHttpSink, type HttpRequest } from '../sink.ts';
import { joined } from './parts/address.ts';
import { fitAlert } from './parts/fit-alert.ts';

/** What Dynatrace takes: 512 KB of content in its older pipeline, and 10 MB in a request. */
const MOST_ALERT_BYTES = 400_000;
const MOST_BATCH_BYTES = 4_000_000;
const MOST_ALERTS = 1_000;

const config = schema({
  apitoken: secret({ doc: 'Access token that may ingest logs.', example: 'dt0c01.XXXX.YYYY' }),
  apiurl: url({
    doc: 'Address of the API of the environment, or of an ActiveGate.',
    example: 'https://abc12345.live.dynatrace.com/api',
  }),
});
type Config = Infer<typeof config>;

export const dynatrace = defineHttpSink({
  name: 'dynatrace',
  title: 'Dynatrace',
  category: 'metrics',
  doc: 'Sends each alert as a log record to Dynatrace.',
  config,
  enabledBy: ['apitoken', 'apiurl'],
  request: (alert, settings) => requestFor([alert], settings),
  batch: {
    limits: () => ({ mostAlerts: MOST_ALERTS, mostBytes: MOST_BATCH_BYTES, waitMs: 0 }),
    request: requestFor,
  },
});

function requestFor(alerts: readonly HubAlert[], { apitoken, apiurl }: Config): HttpRequest {
  return {
    url: joined(apiurl, '/v2/logs/ingest'),
    headers: { authorization: `Api-Token ${apitoken.reveal()}` },
    json: alerts.map((alert) => recordOf(fitAlert(alert, MOST_ALERT_BYTES))),
  };
}

function recordOf(alert: HubAlert): Encodable {
  const { fields, tags } = alert;
  const text = (...names: readonly string[]): string | undefined =>
    names.map((name) => textAt(fields[name])).find((value) => value !== '');
  const technique = tags.findLast((tag) => /T\d/.test(tag));
  return {
    timestamp: new Date(Number(alert.timeNs / 1_000_000n)).toISOString(),
    'event.id': alert.uuid,
    'event.name': alert.rule,
    'event.provider': 'Falco',
    severity: alert.priority,
    'host.name': alert.hostname || undefined,
    'log.source': alert.source || undefined,
    content: { output: alert.output, output_fields: fields, tags: tags.length === 0 ? undefined : tags },
    'mitre.technique': technique,
    'mitre.tactic': tags.findLast((tag) => tag !== technique && /mitre_\w/.test(tag)),
    'container.id': text('container.id'),
    'container.name': text('container.name'),
    'container.image.name': text('container.image'),
    'k8s.namespace.name': text('k8s.ns.name', 'ka.target.namespace'),
    'k8s.pod.name': text('k8s.pod.name'),
    'k8s.pod.uid': text('k8s.pod.id'),
    'process.executable.name': text('proc.name'),
    'span.id': textOfValue(fields['span.id'] ?? '') || undefined,
  };
}

function textAt(value: HubAlert['fields'][string] | undefined): string {
  return typeof value === 'string' ? value : '';
}
