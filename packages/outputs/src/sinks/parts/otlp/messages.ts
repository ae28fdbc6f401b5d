/** The messages of OTLP 1.x that carry what we send; names and numbers are those of its definition. */

import { type HubValue, isNumeric } from '@peregrine/alert';
import type { Message, MessageType, Value } from './protobuf.ts';

const anyValue: MessageType = {
  stringValue: [1, 'text'],
  boolValue: [2, 'flag'],
  intValue: [3, 'varint'],
  doubleValue: [4, 'double'],
  arrayValue: [5, () => ({ values: [1, () => anyValue] })],
  kvlistValue: [6, () => ({ values: [1, () => keyValue] })],
};
const keyValue: MessageType = { key: [1, 'text'], value: [2, () => anyValue] };
const resource: MessageType = { attributes: [1, () => keyValue] };
const scope: MessageType = { name: [1, 'text'], version: [2, 'text'] };

const logRecord: MessageType = {
  timeUnixNano: [1, 'fixed64'],
  observedTimeUnixNano: [11, 'fixed64'],
  severityNumber: [2, 'varint'],
  severityText: [3, 'text'],
  body: [5, () => anyValue],
  attributes: [6, () => keyValue],
};
const span: MessageType = {
  traceId: [1, 'hex'],
  spanId: [2, 'hex'],
  name: [5, 'text'],
  kind: [6, 'varint'],
  startTimeUnixNano: [7, 'fixed64'],
  endTimeUnixNano: [8, 'fixed64'],
  attributes: [9, () => keyValue],
  events: [11, () => ({ timeUnixNano: [1, 'fixed64'], name: [2, 'text'] })],
};
const dataPoint: MessageType = {
  attributes: [7, () => keyValue],
  startTimeUnixNano: [2, 'fixed64'],
  timeUnixNano: [3, 'fixed64'],
  asInt: [6, 'fixed64'],
};
const metric: MessageType = {
  name: [1, 'text'],
  description: [2, 'text'],
  unit: [3, 'text'],
  sum: [
    7,
    () => ({
      dataPoints: [1, () => dataPoint],
      aggregationTemporality: [2, 'varint'],
      isMonotonic: [3, 'flag'],
    }),
  ],
};

/** What is different between the three signals: names, and where they go. */
export interface Signal {
  readonly path: string;
  readonly service: string;
  readonly type: MessageType;
  /** Names of the three levels: of resources, of scopes, and of what is in them. */
  readonly levels: readonly [string, string, string];
  /** How many of them an answer says were refused. */
  readonly refusedKey: string;
}

function signal(
  name: 'logs' | 'traces' | 'metrics',
  levels: Signal['levels'],
  item: MessageType,
  refusedKey: string,
): Signal {
  const [resources, scopes, items] = levels;
  const inScope: MessageType = { scope: [1, () => scope], [items]: [2, () => item] };
  const inResource: MessageType = { resource: [1, () => resource], [scopes]: [2, () => inScope] };
  const title = { logs: 'Logs', traces: 'Trace', metrics: 'Metrics' }[name];
  const folder = { logs: 'logs', traces: 'trace', metrics: 'metrics' }[name];
  return {
    path: `/v1/${name}`,
    service: `/opentelemetry.proto.collector.${folder}.v1.${title}Service/Export`,
    type: { [resources]: [1, () => inResource] },
    levels,
    refusedKey,
  };
}

export const logsSignal = signal(
  'logs',
  ['resourceLogs', 'scopeLogs', 'logRecords'],
  logRecord,
  'rejectedLogRecords',
);
export const tracesSignal = signal('traces', ['resourceSpans', 'scopeSpans', 'spans'], span, 'rejectedSpans');
export const metricsSignal = signal(
  'metrics',
  ['resourceMetrics', 'scopeMetrics', 'metrics'],
  metric,
  'rejectedDataPoints',
);

/** One message with all of the items. */
export function exportRequest(
  { levels: [resources, scopes, items] }: Signal,
  about: { readonly attributes: readonly Message[]; readonly scope: string; readonly version: string },
  content: readonly Message[],
): Message {
  const inScope = { scope: { name: about.scope, version: about.version }, [items]: content };
  return { [resources]: [{ resource: { attributes: about.attributes }, [scopes]: [inScope] }] };
}

export function attribute(key: string, value: HubValue): Message {
  return { key: key.toWellFormed(), value: anyValueOf(value) };
}

/** Integers of 64 bits keep their digits; larger ones, and numbers that nothing holds, are texts. */
function anyValueOf(value: HubValue): Message {
  if (typeof value === 'string') return { stringValue: value.toWellFormed() };
  if (typeof value === 'boolean') return { boolValue: value };
  if (value === null) return {};
  if (typeof value === 'bigint') {
    return BigInt.asIntN(64, value) === value ? { intValue: value } : { stringValue: String(value) };
  }
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) ? { intValue: BigInt(value) } : { doubleValue: value };
  }
  if (isNumeric(value)) return { stringValue: String(value) };
  if (isList(value)) return { arrayValue: { values: value.map(anyValueOf) } };
  const entries = Object.entries(value).map(([key, part]: [string, HubValue]): Value => attribute(key, part));
  return { kvlistValue: { values: entries } };
}

/** `Array.isArray` does not tell readonly lists. */
function isList(value: HubValue): value is readonly HubValue[] {
  return Array.isArray(value);
}
