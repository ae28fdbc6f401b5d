/** Spans for OpenTelemetry: alerts of one pod or container are one trace. */

import { createHash } from 'node:crypto';
import { type HubAlert, TEST_RULE, textOfValue } from '@peregrine/alert';
import { flag, type Infer, integer, schema } from '@peregrine/base';
import { defineHttpSink } from '../sink.ts';
import { fitAlert } from './parts/fit-alert.ts';
import { classifyOtlp, otlpClient, otlpKeys, otlpRequest, refusesOtlp } from './parts/otlp/exporting.ts';
import { attribute, tracesSignal } from './parts/otlp/messages.ts';
import type { Message } from './parts/otlp/protobuf.ts';

const MOST_ALERT_BYTES = 1_000_000;
const SCOPE = 'falco-event';
const KIND_SERVER = 2;

const config = schema({
  ...otlpKeys('/v1/traces'),
  synced: flag({
    default: false,
    doc: 'Send each alert by itself, instead of with others of the same second.',
  }),
  duration: integer({ default: 1_000, min: 0, doc: 'Milliseconds that a span lasts.' }),
});
type Config = Infer<typeof config>;

export const otlpTraces = defineHttpSink({
  name: 'otlp.traces',
  title: 'OTLPTraces',
  category: 'metrics',
  doc: 'Sends each alert on a system call as a span to a collector of OpenTelemetry.',
  config,
  enabledBy: ['endpoint'],
  example: { endpoint: 'http://otel-collector:4318/v1/traces', protocol: 'http/json' },
  refuses: refusesOtlp,
  request: (alert, settings, { hub }) =>
    isTraced(alert) ? otlpRequest(tracesSignal, SCOPE, [spanOf(alert, settings)], settings, hub) : [],
  batch: {
    limits: ({ synced }) => (synced ? undefined : { mostAlerts: 512, mostBytes: 1_000_000, waitMs: 1_000 }),
    triesAlone: true,
    request: (alerts, settings, { hub }) => {
      const spans = alerts.filter(isTraced).map((alert) => spanOf(alert, settings));
      return otlpRequest(tracesSignal, SCOPE, spans, settings, hub);
    },
    classify: (answer) => classifyOtlp(answer, tracesSignal),
  },
  client: otlpClient,
  classify: (answer) => classifyOtlp(answer, tracesSignal),
});

/** COMPAT: alerts of other sources are no spans. */
function isTraced({ source, rule }: HubAlert): boolean {
  return source === 'syscall' || source === 'syscalls' || rule === TEST_RULE;
}

function spanOf(whole: HubAlert, { duration }: Config): Message {
  const alert = fitAlert(whole, MOST_ALERT_BYTES);
  const { uuid, source, priority, rule, hostname, tags, timeNs, fields } = alert;
  // COMPAT: all values are texts.
  const texts = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, textOfValue(value)]));
  const attributes = { ...texts, uuid, source, priority, rule, hostname, tags };
  return {
    traceId: traceIdOf(whole),
    // The same in every attempt.
    spanId: createHash('sha256').update(uuid).digest('hex').slice(0, 16),
    name: rule.toWellFormed(),
    kind: KIND_SERVER,
    startTimeUnixNano: timeNs,
    endTimeUnixNano: timeNs + BigInt(duration) * 1_000_000n,
    attributes: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
    events: [{ timeUnixNano: timeNs, name: alert.output.toWellFormed() }],
  };
}

/** COMPAT: FNV-1a of the pod, the container or the host. What says none of them is traced by its host name, or alone. */
function traceIdOf({ fields, hostname, uuid }: HubAlert): string {
  const textIn = (name: string): string => {
    const value = fields[name];
    return typeof value === 'string' ? value : '';
  };
  const [namespace, pod] = [textIn('k8s.ns.name'), textIn('k8s.pod.name')];
  if (namespace !== '' && pod !== '') return fnv1a128(`${namespace}:${pod}`);
  const container = textIn('container.id');
  return fnv1a128((container === 'host' ? '' : container) || textIn('evt.hostname') || hostname || uuid);
}

const FNV_OFFSET = 0x6c62272e07bb014262b821756295c58dn;
const FNV_PRIME = 0x0000000001000000000000000000013bn;

/** 32 hexadecimal digits. */
export function fnv1a128(text: string): string {
  let hash = FNV_OFFSET;
  for (const byte of Buffer.from(text, 'utf8')) hash = BigInt.asUintN(128, (hash ^ BigInt(byte)) * FNV_PRIME);
  return hash.toString(16).padStart(32, '0');
}
