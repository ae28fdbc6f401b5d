/** Log records for OpenTelemetry. */

import { goTime, type HubAlert, type Priority } from '@peregrine/alert';
import { flag, schema } from '@peregrine/base';
import { defineHttpSink } from '../sink.ts';
import { fitAlert } from './parts/fit-alert.ts';
import { classifyOtlp, otlpClient, otlpKeys, otlpRequest, refusesOtlp } from './parts/otlp/exporting.ts';
import { attribute, logsSignal } from './parts/otlp/messages.ts';
import type { Message } from './parts/otlp/protobuf.ts';

/** A collector takes 4 MB over gRPC where nobody changed its limits. */
const MOST_ALERT_BYTES = 1_000_000;
const SCOPE = 'falco';

/** As OpenTelemetry says that syslog's severities are written. */
const severities: Readonly<Record<Priority, number>> = {
  Emergency: 21,
  Alert: 19,
  Critical: 18,
  Error: 17,
  Warning: 13,
  Notice: 10,
  Informational: 9,
  Debug: 5,
};

export const otlpLogs = defineHttpSink({
  name: 'otlp.logs',
  title: 'OTLPLogs',
  category: 'logs',
  doc: 'Sends each alert as a log record to a collector of OpenTelemetry.',
  config: schema({
    ...otlpKeys('/v1/logs'),
    synced: flag({
      default: false,
      doc: 'Send each alert by itself, instead of with others of the same second.',
    }),
  }),
  enabledBy: ['endpoint'],
  example: { endpoint: 'http://otel-collector:4318/v1/logs', protocol: 'http/json' },
  refuses: refusesOtlp,
  request: (alert, config, { hub, nowMs }) =>
    otlpRequest(logsSignal, SCOPE, [recordOf(alert, nowMs)], config, hub),
  batch: {
    limits: ({ synced }) => (synced ? undefined : { mostAlerts: 512, mostBytes: 1_000_000, waitMs: 1_000 }),
    triesAlone: true,
    request: (alerts, config, { hub, nowMs }) =>
      otlpRequest(
        logsSignal,
        SCOPE,
        alerts.map((alert) => recordOf(alert, nowMs)),
        config,
        hub,
      ),
    classify: (answer) => classifyOtlp(answer, logsSignal),
  },
  client: otlpClient,
  classify: (answer) => classifyOtlp(answer, logsSignal),
});

function recordOf(whole: HubAlert, nowMs: number): Message {
  const alert = fitAlert(whole, MOST_ALERT_BYTES);
  const { priority, source, rule, hostname, tags, time, uuid } = alert;
  const attributes = {
    ...alert.fields,
    priority,
    source,
    rule,
    hostname,
    tags: tags.join(','),
    timestamp: goTime(time),
    uuid,
  };
  return {
    timeUnixNano: alert.timeNs,
    observedTimeUnixNano: BigInt(nowMs) * 1_000_000n,
    severityNumber: severities[priority],
    severityText: priority,
    body: { stringValue: alert.output.toWellFormed() },
    attributes: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
  };
}
