/** What a collector of OpenTelemetry gets, over each of its protocols. */

import { status } from '@grpc/grpc-js';
import type { HubAlert } from '@peregrine/alert';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { createCertificates } from '../../testing/certificates.ts';
import { type Collector, startCollector } from '../../testing/otlp-collector.ts';
import { sampleAlert } from '../../testing/sample-alerts.ts';
import { sampleCall, settingsOf, type Written } from '../../testing/sink-contract.ts';
import { type OpenOutput, openOutput, type Surroundings } from '../../testing/sink-exchange.ts';
import type { AnyHttpSink, Sink } from '../sink.ts';
import { otlpLogs } from './otlp-logs.ts';
import { otlpMetrics } from './otlp-metrics.ts';
import { fnv1a128, otlpTraces } from './otlp-traces.ts';
import { encodeMessage } from './parts/otlp/protobuf.ts';

let collector: Collector;
const opened: OpenOutput[] = [];
beforeEach(async () => {
  await collector?.close();
  collector = await startCollector();
});
afterAll(async () => {
  for (const output of opened) await output.close();
  await collector.close();
});

const sinks = { logs: otlpLogs, traces: otlpTraces, metrics: otlpMetrics } as const;
const protocols = ['http/protobuf', 'http/json', 'grpc'] as const;

function open(
  sink: Sink,
  protocol: string,
  written: Written = {},
  surroundings: Surroundings = {},
): OpenOutput {
  const endpoint = protocol === 'grpc' ? `http://${collector.grpcTarget}` : collector.httpUrl;
  const output = openOutput(settingsOf(sink, { endpoint, protocol, ...written }), surroundings);
  opened.push(output);
  return output;
}

/** Without what the two forms of a message write differently: names of keys, and what is empty. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, part]) => !(Array.isArray(part) && part.length === 0))
      .map(([key, part]) => [
        key.replace(/_(\w)/g, (_match, char: string) => char.toUpperCase()),
        plain(part),
      ]),
  );
}

const hexOf = (base64: string): string => Buffer.from(base64, 'base64').toString('hex');

describe.each(['logs', 'traces', 'metrics'] as const)('%s', (signal) => {
  test('every protocol says the same', async () => {
    for (const protocol of protocols) {
      const outcomes = await open(sinks[signal], protocol).deliverAll([
        sampleAlert('shell'),
        sampleAlert('hostile'),
      ]);
      expect(outcomes, protocol).toEqual([{ kind: 'delivered' }, { kind: 'delivered' }]);
    }
    const [protobuf, json, grpc] = collector.collected.map(({ message }) => JSON.stringify(plain(message)));
    expect(collector.collected).toHaveLength(3);
    const normal = (text: string | undefined): unknown =>
      JSON.parse(text ?? '', (key, value) =>
        /^(?:trace|span)Id$/.test(key) && !/^[0-9a-f]+$/.test(value) ? hexOf(value) : value,
      );
    expect(normal(protobuf)).toEqual(normal(json));
    expect(normal(grpc)).toEqual(normal(json));
  });

  test('headers, a name of the service, and attributes of it', async () => {
    const written = {
      headers: 'Api-Key=a%20b, other=c=d',
      extraenvvars: { OTEL_SERVICE_NAME: 'mine', OTEL_RESOURCE_ATTRIBUTES: 'env=prod,Team=red' },
    };
    for (const protocol of protocols)
      await open(sinks[signal], protocol, written).deliver(sampleAlert('shell'));
    for (const { headers, message } of collector.collected) {
      expect(headers).toMatchObject({ 'api-key': 'a b', other: 'c=d' });
      const text = JSON.stringify(plain(message));
      expect(text).toContain('{"key":"service.name","value":{"stringValue":"mine"}}');
      expect(text).toContain('{"key":"Team","value":{"stringValue":"red"}}');
    }
  });

  test.each(protocols)('%s: what a collector refuses, and what it cannot take now', async (protocol) => {
    const output = open(sinks[signal], protocol, signal === 'metrics' ? {} : { synced: 'true' });
    const kind = async () => (await output.deliver(sampleAlert('shell'))).outcome.kind;
    collector.answer = { rejected: 1 };
    expect((await output.deliver(sampleAlert('shell'))).outcome).toEqual({
      kind: 'rejected',
      reason: `not taken: ${'é'.repeat(200)}`,
    });
    collector.answer = { httpStatus: 400, grpcStatus: status.INVALID_ARGUMENT };
    expect(await kind()).toBe('rejected');
    collector.answer = { httpStatus: 503, grpcStatus: status.UNAVAILABLE };
    expect(await kind()).toBe('retry');
    collector.answer = { httpStatus: 401, grpcStatus: status.UNAUTHENTICATED };
    expect(await kind()).toBe('retry');
    await collector.close();
    expect(await kind()).toBe('retry');
  });
});

test('a log record has the output as its body, the fields as attributes, and the severity of the priority', async () => {
  await open(otlpLogs, 'http/protobuf').deliver(sampleAlert('whole'));
  expect(plain(collector.collected[0]?.message)).toMatchObject({
    resourceLogs: [
      {
        scopeLogs: [
          {
            scope: { name: 'falco', version: '9.9.9' },
            logRecords: [
              {
                timeUnixNano: '1709288405408091526',
                severityNumber: 17,
                severityText: 'Error',
                body: { stringValue: sampleAlert('whole').output },
                attributes: expect.arrayContaining([
                  { key: 'evt.time', value: { intValue: '1709288405408091526' } },
                  { key: 'proc.is_exe_writable', value: { boolValue: false } },
                  {
                    key: 'fd.list',
                    value: {
                      arrayValue: { values: [{ stringValue: '/etc/passwd' }, { stringValue: '/etc/group' }] },
                    },
                  },
                  { key: 'tags', value: { stringValue: 'T1543,filesystem,mitre_persistence' } },
                  { key: 'timestamp', value: { stringValue: '2024-03-01 10:20:05.408091526 +0000 UTC' } },
                ]),
              },
            ],
          },
        ],
      },
    ],
  });
});

describe('traces', () => {
  const spanOf = (alert: HubAlert, written: Written = {}) => {
    const { request } = otlpTraces as AnyHttpSink; // It speaks HTTP.
    const settings = settingsOf(otlpTraces, { protocol: 'http/json', ...written });
    const [made] = [request(alert, settings.config, sampleCall)].flat();
    return made && JSON.parse(String(made.body)).resourceSpans[0].scopeSpans[0].spans[0];
  };
  const shell = sampleAlert('shell');

  test('the trace is the pod, the container or the host, the span the alert', () => {
    const with_ = (fields: HubAlert['fields'], hostname = '') =>
      spanOf({ ...shell, fields, hostname }).traceId;
    expect(with_({ 'k8s.ns.name': 'default', 'k8s.pod.name': 'alpine', 'container.id': 'x' })).toBe(
      fnv1a128('default:alpine'),
    );
    expect(with_({ 'k8s.ns.name': 'default', 'container.id': '6ad4dc3a8b2f' })).toBe(
      fnv1a128('6ad4dc3a8b2f'),
    );
    expect(with_({ 'container.id': 'host', 'evt.hostname': 'node-1' })).toBe(fnv1a128('node-1'));
    expect(with_({ 'container.id': 'host' }, 'node-2')).toBe(fnv1a128('node-2'));
    expect(with_({ 'proc.name': 'sh' })).toBe(fnv1a128(shell.uuid));
    expect(spanOf(shell).spanId).toMatch(/^[0-9a-f]{16}$/);
    expect(spanOf(shell).spanId).toBe(spanOf(shell).spanId);
    expect(spanOf(shell).spanId).not.toBe(spanOf({ ...shell, uuid: 'other' }).spanId);
  });

  test('hashes are those of FNV-1a', () => {
    // Values of the published test vectors.
    expect(fnv1a128('')).toBe('6c62272e07bb014262b821756295c58d');
    expect(fnv1a128('a')).toBe('d228cb696f1a8caf78912b704e4a8964');
  });

  test('it lasts as long as it is said, and alerts of other sources are none', () => {
    expect(spanOf(shell, { duration: '250' })).toMatchObject({
      kind: 2,
      startTimeUnixNano: '1610667584834631763',
      endTimeUnixNano: '1610667585084631763',
    });
    expect(spanOf({ ...shell, source: 'k8s_audit' })).toBeUndefined();
    expect(spanOf(sampleAlert('test'))).toBeDefined();
  });
});

describe('counts', () => {
  const pointsOf = (i: number) =>
    JSON.parse(JSON.stringify(plain(collector.collected[i]?.message))).resourceMetrics[0].scopeMetrics[0]
      .metrics[0].sum.dataPoints;
  const valueIn = (point: { attributes: { key: string; value: object }[] }, key: string) =>
    point.attributes.find((attribute) => attribute.key === key)?.value;

  test('grow with what was acknowledged, and with nothing else', async () => {
    const output = open(otlpMetrics, 'http/json', { extraattributes: 'k8s.ns.name,absent' });
    const [shell, whole] = [sampleAlert('shell'), sampleAlert('whole')];
    await output.deliverAll([shell, shell, whole]);
    collector.answer = { httpStatus: 503 };
    expect((await output.deliverAll([shell])).map(({ kind }) => kind)).toEqual(['retry']);
    collector.answer = {};
    await output.deliverAll([shell]);
    expect(pointsOf(0).map(({ asInt }: { asInt: string }) => asInt)).toEqual(['2', '1']);
    expect(pointsOf(1).map(({ asInt }: { asInt: string }) => asInt)).toEqual(['3', '1']);
    expect(valueIn(pointsOf(0)[0], 'k8s_ns_name')).toEqual({ stringValue: 'default' });
    expect(valueIn(pointsOf(0)[1], 'priority')).toEqual({ stringValue: 'Error' });
    expect(collector.collected[0]?.message).toMatchObject({
      resourceMetrics: [
        {
          scopeMetrics: [
            {
              metrics: [
                {
                  name: 'falcosecurity_falco_rules_matches_total',
                  sum: { aggregationTemporality: 2, isMonotonic: true },
                },
              ],
            },
          ],
        },
      ],
    });
  });

  test('what the hub counts of itself stands beside them', async () => {
    const name = 'falcosecurity_falcosidekick_outputs';
    const counters = () => [
      {
        name: 'falcosecurity_falcosidekick_inputs',
        labels: { source: 'requests', status: 'accepted' },
        count: 5,
      },
      { name, labels: { destination: 'slack', status: 'ok' }, count: 3 },
      { name, labels: { destination: 'slack', status: 'error' }, count: 1 },
    ];
    await open(otlpMetrics, 'http/json', {}, { counters }).deliver(sampleAlert('shell'));
    const [resource] = JSON.parse(JSON.stringify(collector.collected[0]?.message)).resourceMetrics;
    const { metrics } = resource.scopeMetrics[0];
    expect(metrics.map((metric: { name: string }) => metric.name)).toEqual([
      'falcosecurity_falco_rules_matches_total',
      'falcosecurity_falcosidekick_inputs',
      name,
    ]);
    expect(metrics[2].sum.dataPoints).toMatchObject([{ asInt: '3' }, { asInt: '1' }]);
  });

  test('series are bounded', async () => {
    const output = open(otlpMetrics, 'http/json');
    const many = Array.from({ length: 2_500 }, (_x, i) => ({ ...sampleAlert('shell'), rule: `Rule ${i}` }));
    await output.deliverAll(many);
    const points = pointsOf(0);
    expect(points).toHaveLength(2_001);
    expect(points.at(-1)).toMatchObject({ asInt: '500', attributes: [{ key: 'otel.metric.overflow' }] });
  });
});

test('gRPC with TLS: trusted, not trusted, not checked', async () => {
  const certificates = createCertificates();
  await collector.close();
  collector = await startCollector(certificates);
  const written = { endpoint: collector.grpcTarget.replace('127.0.0.1', 'localhost') };
  const outcome = async (more: Written, surroundings: Surroundings) =>
    (await open(otlpLogs, 'grpc', { ...written, ...more }, surroundings).deliver(sampleAlert('shell')))
      .outcome.kind;
  expect(await outcome({}, { tls: certificates.trust() })).toBe('delivered');
  expect(await outcome({}, {})).toBe('retry');
  const unchecked = { tls: { isChecked: false, authorities: [], identity: undefined } };
  expect(await outcome({ tls: 'true', checkcert: 'false' }, unchecked)).toBe('delivered');
  certificates.remove();
});

test.each([
  [{ endpoint: 'http://c:4318' }, 'http://c:4318/v1/logs'],
  [{ endpoint: 'https://c/otlp/logs' }, 'https://c/otlp/logs'],
  [{ endpoint: 'http://c:4318', tls: 'true' }, 'https://c:4318/v1/logs'],
  [{ endpoint: 'c:4318' }, 'https://c:4318/v1/logs'],
  [{ endpoint: 'c:4318', checkcert: 'false' }, 'http://c:4318/v1/logs'],
  [{ endpoint: 'c:4318', checkcert: 'false', tls: 'true' }, 'https://c:4318/v1/logs'],
  [
    { endpoint: 'http://c:4317/x', protocol: 'grpc' },
    'http://c:4317/opentelemetry.proto.collector.logs.v1.LogsService/Export',
  ],
])('%j', (written, url) => {
  const { request } = otlpLogs as AnyHttpSink; // It speaks HTTP.
  const [made] = [request(sampleAlert('test'), settingsOf(otlpLogs, written).config, sampleCall)].flat();
  expect(String(made?.url)).toBe(url);
});

test('headers and addresses that are none are refused', () => {
  expect(() => settingsOf(otlpLogs, { headers: 'x' })).toThrow('`otlp.logs.headers` is not `name=value`');
  expect(() => settingsOf(otlpTraces, { endpoint: 'http://' })).toThrow(
    '`otlp.traces.endpoint` is no address',
  );
});

test('varints and signs are as protocol buffers have them', () => {
  const type = { n: [1, 'varint'], d: [2, 'double'], b: [3, 'flag'] } as const;
  const hex = (message: Parameters<typeof encodeMessage>[0]) => encodeMessage(message, type).toString('hex');
  expect(hex({ n: 150n })).toBe('089601');
  expect(hex({ n: -1n })).toBe('08ffffffffffffffffff01');
  expect(hex({ d: 1, b: true })).toBe('11000000000000f03f1801');
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: (1n << 63n) - 1n }), (n) => {
      const bytes = encodeMessage({ n }, type).subarray(1);
      const read = bytes.reduceRight((sum, byte) => (sum << 7n) | BigInt(byte & 127), 0n);
      expect(read).toBe(n);
    }),
  );
});
