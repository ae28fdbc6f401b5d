/** Points for Wavefront (VMware Aria Operations for Applications). */

import type { HubAlert } from '@peregrine/alert';
import { choice, type Infer, integer, optional, Secret, schema, secret, text } from '@peregrine/base';
import { defineHttpSink, type HttpRequest } from '../sink.ts';
import { cutText } from './parts/fit-alert.ts';

/** A tag's name and value together, and all that one request may have. */
const MOST_TAG_LENGTH = 254;
const MOST_BATCH_BYTES = 1024 * 1024;

const config = schema({
  endpointtype: choice(['direct', 'proxy'], {
    doc: 'Send to the service itself, or to a proxy of it.',
    example: 'proxy',
  }),
  endpointhost: text({ doc: 'Host of the service or the proxy.', example: 'wavefront-proxy' }),
  endpointtoken: secret({ default: new Secret(''), doc: 'API token, for the service itself.' }),
  endpointmetricport: integer({ default: 2_878, min: 1, max: 65_535, doc: 'Port of the proxy.' }),
  metricname: text({ default: 'falco.alert', doc: 'Name of the metric.' }),
  batchsize: integer({ default: 10_000, min: 1, doc: 'Most alerts in one request.' }),
  flushintervalseconds: optional(
    integer({ min: 1, doc: 'Seconds that the first alert of a request waits for others.' }),
  ),
  flushintervalsecods: integer({ default: 1, min: 1, doc: 'The same, as Falcosidekick misspells it.' }),
});
type Config = Infer<typeof config>;

export const wavefront = defineHttpSink({
  name: 'wavefront',
  title: 'Wavefront',
  category: 'metrics',
  doc: 'Sends each alert as a point of a metric to Wavefront.',
  config,
  enabledBy: ['endpointtype', 'endpointhost'],
  refuses: ({ endpointtype, endpointtoken }) =>
    endpointtype === 'direct' && endpointtoken.reveal() === ''
      ? [{ key: 'endpointtoken', why: 'is not set, and the service wants it' }]
      : [],
  request: (alert, settings) => requestFor([alert], settings),
  batch: {
    limits: (settings) => ({
      mostAlerts: settings.batchsize,
      mostBytes: MOST_BATCH_BYTES,
      waitMs: (settings.flushintervalseconds ?? settings.flushintervalsecods) * 1_000,
    }),
    triesAlone: true,
    request: requestFor,
  },
});

function requestFor(alerts: readonly HubAlert[], settings: Config): HttpRequest {
  const { endpointtype, endpointhost, endpointmetricport, endpointtoken } = settings;
  const host = endpointhost.replace(/\/+$/, '');
  const hasScheme = /^https?:\/\//i.test(host);
  const origin =
    endpointtype === 'direct'
      ? `${hasScheme ? '' : 'https://'}${host}`
      : `${hasScheme ? '' : 'http://'}${host}:${endpointmetricport}`;
  return {
    url: `${origin}/report?f=wavefront`,
    headers: {
      'content-type': 'application/octet-stream',
      ...(endpointtype === 'direct' ? { authorization: `Bearer ${endpointtoken.reveal()}` } : {}),
    },
    body: alerts.map((alert) => `${pointOf(alert, settings)}\n`).join(''),
    isCompressed: true,
  };
}

/** COMPAT: only fields that hold texts become tags. */
function pointOf(alert: HubAlert, { metricname }: Config): string {
  const { priority, rule, source, hostname, fields, tags, timeNs } = alert;
  const pairs: Record<string, string> = { severity: priority, rule, source };
  if (hostname !== '') pairs.hostname = hostname;
  for (const [name, value] of Object.entries(fields)) if (typeof value === 'string') pairs[name] = value;
  if (tags.length > 0) pairs.tags = tags.join(', ');
  const written = Object.entries(pairs)
    .map(([name, value]) => [nameText(name), valueText(value)] as const)
    // A tag without a name or a value is an error.
    .filter(([name, value]) => name !== '' && value !== '')
    .map(
      ([name, value]) =>
        `"${name}"="${cutText(value, MOST_TAG_LENGTH - name.length).replaceAll('"', '\\"')}"`,
    );
  return `"${nameText(metricname)}" 1 ${timeNs / 1_000_000n} source="falco-exporter" ${written.join(' ')}`;
}

/** Letters, digits, hyphens, underscores and dots are what a name may have. */
function nameText(name: string): string {
  return name.replace(/[^\w.-]/g, '-').slice(0, MOST_TAG_LENGTH / 2);
}

/** On one line. A backslash is only good before a quote, and what one means before another nobody says: there is none. */
function valueText(text: string): string {
  return text
    .replaceAll('\0', '')
    .replace(/[\r\n]+/g, ' ')
    .replaceAll('\\', '/')
    .trim();
}
