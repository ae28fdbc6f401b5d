/** A counter of alerts for OpenTelemetry. */

import type { HubAlert, HubValue } from '@peregrine/alert';
import { delivered, flag, type Infer, list, type Outcome, schema, text } from '@peregrine/base';
import {
  type Delivery,
  type Destination,
  defineClientSink,
  type HubCounter,
  type SinkContext,
} from '../sink.ts';
import { classifyAnswer } from '../transport/http-answer.ts';
import { createHttpClient, type HttpClient } from '../transport/http-client.ts';
import { prepareRequest } from '../transport/prepare-request.ts';
import { classifyOtlp, otlpClient, otlpKeys, otlpRequest, refusesOtlp } from './parts/otlp/exporting.ts';
import { attribute, metricsSignal } from './parts/otlp/messages.ts';
import type { Message } from './parts/otlp/protobuf.ts';

const SCOPE = 'falco';
const COUNTER = 'falcosecurity_falco_rules_matches_total';
const CUMULATIVE = 2;
/** Series beyond this many are one, as the kits of OpenTelemetry do it. */
const MOST_SERIES = 2_000;
const overflow: Readonly<Record<string, HubValue>> = { 'otel.metric.overflow': true };

const config = schema({
  ...otlpKeys('/v1/metrics'),
  extraattributes: list(text({ doc: 'Name of a field.' }), {
    default: [],
    doc: 'Fields that become attributes, beside source, priority, rule, host, tags and fields of the configuration.',
    example: 'k8s.ns.name,k8s.pod.name',
  }),
  checkcert: flag({ default: true, doc: "Check the collector's certificate." }),
});
type Config = Infer<typeof config>;

export const otlpMetrics = defineClientSink({
  name: 'otlp.metrics',
  title: 'OTLPMetrics',
  category: 'metrics',
  doc: 'Counts alerts, and sends the counts to a collector of OpenTelemetry.',
  config,
  enabledBy: ['endpoint'],
  hasTls: true,
  refuses: refusesOtlp,
  batching: () => ({ mostAlerts: 5_000, mostBytes: 8_000_000, waitMs: 5_000 }),
  open: async (settings, context) => {
    const client =
      (await otlpClient(settings, context)) ??
      createHttpClient({ tls: context.tls, timeoutMs: settings.timeout });
    return createCounting(client, settings, context);
  },
});

interface Series {
  readonly attributes: Readonly<Record<string, HubValue>>;
  readonly count: bigint;
}

/**
 * INVARIANT: what is counted is what a collector has acknowledged, so that an attempt whose answer was lost, made again,
 * sends the same numbers.
 */
function createCounting(client: HttpClient, settings: Config, { hub, counters }: SinkContext): Destination {
  let counted: ReadonlyMap<string, Series> = new Map();
  let startMs: number | undefined;

  function withAlerts(alerts: readonly HubAlert[]): ReadonlyMap<string, Series> {
    const series = new Map(counted);
    for (const alert of alerts) {
      const attributes = attributesOf(alert, settings, hub.addedFields);
      const wanted = keyOf(attributes);
      const isOver = !series.has(wanted) && series.size >= MOST_SERIES;
      const key = isOver ? keyOf(overflow) : wanted;
      const known = series.get(key);
      series.set(key, { attributes: isOver ? overflow : attributes, count: (known?.count ?? 0n) + 1n });
    }
    return series;
  }

  return {
    send: async (deliveries: readonly Delivery[], signal): Promise<Outcome> => {
      const [first] = deliveries;
      if (first === undefined) return delivered;
      const { nowMs, deliveryId } = first.call;
      startMs ??= nowMs;
      const series = withAlerts(deliveries.map(({ alert }) => alert));
      const time = { startMs, nowMs };
      const metrics = [
        metricOf(COUNTER, 'Number of times rules matched', [...series.values()], time),
        ...ownMetrics(counters?.() ?? [], time),
      ];
      const request = otlpRequest(metricsSignal, SCOPE, metrics, settings, hub);
      const answer = await client.send(prepareRequest(request, {}, { deliveryId }), signal);
      if ('trouble' in answer) return { kind: 'retry', reason: answer.trouble, afterMs: undefined };
      const outcome = classifyOtlp(answer, metricsSignal) ?? classifyAnswer(answer, nowMs);
      if (outcome.kind === 'delivered') counted = series;
      return outcome;
    },
    close: async () => client.close(),
  };
}

function attributesOf(
  { source, priority, rule, hostname, tags, fields }: HubAlert,
  { extraattributes }: Config,
  addedFields: readonly string[],
): Readonly<Record<string, HubValue>> {
  const extra = [...addedFields, ...extraattributes].flatMap((name) => {
    const value = fields[name];
    return value === undefined || value === null ? [] : [[name.replaceAll('.', '_'), value] as const];
  });
  return { ...Object.fromEntries(extra), source, priority, rule, hostname, tags };
}

function keyOf(attributes: Readonly<Record<string, HubValue>>): string {
  return JSON.stringify(attributes, (_name, value) => (typeof value === 'bigint' ? String(value) : value));
}

interface Period {
  readonly startMs: number;
  readonly nowMs: number;
}

/** What the hub counts of itself, beside the alerts. */
function ownMetrics(counters: readonly HubCounter[], time: Period): readonly Message[] {
  return [...new Set(counters.map(({ name }) => name))].map((name) => {
    const ofName = counters.filter((counter) => counter.name === name);
    const series = ofName.map(({ labels, count }) => ({ attributes: labels, count: BigInt(count) }));
    return metricOf(name, 'Number of alerts', series, time);
  });
}

function metricOf(name: string, description: string, series: readonly Series[], time: Period): Message {
  return {
    name,
    description,
    sum: {
      aggregationTemporality: CUMULATIVE,
      isMonotonic: true,
      dataPoints: series.map(({ attributes, count }) => ({
        attributes: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
        startTimeUnixNano: BigInt(time.startMs) * 1_000_000n,
        timeUnixNano: BigInt(time.nowMs) * 1_000_000n,
        asInt: count,
      })),
    },
  };
}
