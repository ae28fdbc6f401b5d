/** What the smaller stores of logs and metrics have beside what holds for every output. */

import type { HubAlert } from '@peregrine/alert';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { type HttpReceiver, openHttpReceiver } from '../../testing/http-receiver.ts';
import { sampleAlert } from '../../testing/sample-alerts.ts';
import { sampleCall, settingsOf, type Written } from '../../testing/sink-contract.ts';
import { openOutput } from '../../testing/sink-exchange.ts';
import type { AnyHttpSink, Sink } from '../sink.ts';
import { influxdb } from './influxdb.ts';
import { loki } from './loki.ts';
import { openobserve } from './openobserve.ts';
import { quickwit } from './quickwit.ts';
import { splunk } from './splunk.ts';
import { wavefront } from './wavefront.ts';
import { zincsearch } from './zincsearch.ts';

let receiver: HttpReceiver;
beforeEach(async () => {
  await receiver?.close();
  receiver = await openHttpReceiver();
});
afterAll(() => receiver.close());

function requestOf(sink: Sink, written: Written, alert: HubAlert, addedFields: readonly string[] = []) {
  const { request } = sink as AnyHttpSink; // All here speak HTTP.
  const call = { ...sampleCall, hub: { ...sampleCall.hub, addedFields } };
  const [made] = [request(alert, settingsOf(sink, written).config, call)].flat();
  return made;
}

async function send(sink: Sink, written: Written, alert = sampleAlert('whole')) {
  const output = openOutput(settingsOf(sink, written));
  const attempt = await output.deliver(alert);
  await output.close();
  return attempt;
}

describe('Loki', () => {
  const labels = (written: Written, alert: HubAlert, added: readonly string[] = []) =>
    JSON.parse(JSON.stringify(requestOf(loki, written, alert, added)?.json)).streams[0].stream;

  test('labels are those of all alerts, of added fields, and those asked for', () => {
    const alert = {
      ...sampleAlert('whole'),
      fields: { 'proc.aname[2]': 'sh "x"', 'a b.c': 'y', '1st': 'z', 'proc.pid': 7, other: 'no' },
    };
    const written = { extralabels: 'proc.aname[2],1st,proc.pid,absent' };
    expect(labels(written, alert, ['a b.c'])).toEqual({
      rule: 'Write below etc',
      source: 'syscall',
      priority: 'Error',
      hostname: 'node-7',
      tags: 'T1543,filesystem,mitre_persistence',
      proc_aname2: 'sh x',
      a_b_c: 'y',
      _1st: 'z',
    });
  });

  test('lines are the alert as JSON where that is wanted, and have the time to the nanosecond', () => {
    const alert = sampleAlert('whole');
    expect(requestOf(loki, { format: 'json' }, alert)?.json).toMatchObject({
      streams: [{ values: [['1709288405408091526', alert.json]] }],
    });
  });

  test('what is longer than Loki takes is cut, and JSON stays JSON', () => {
    const alert = { ...sampleAlert('whole'), output: 'é'.repeat(200_000), rule: 'r'.repeat(5_000) };
    const big = { ...alert, json: JSON.stringify({ ...alert, timeNs: 0, fields: {}, json: '' }) };
    const line = (format: string): string =>
      JSON.parse(JSON.stringify(requestOf(loki, { format }, big)?.json)).streams[0].values[0][1];
    expect(Buffer.byteLength(line('text'))).toBeLessThanOrEqual(262_144);
    expect(line('text').endsWith('é[...]')).toBe(true);
    expect(Buffer.byteLength(line('json'))).toBeLessThanOrEqual(262_144);
    expect(JSON.parse(line('json')).output).toMatch(/é\[\.\.\.\]$/);
    expect(labels({}, big).rule).toHaveLength(2_048);
  });

  test('a user and a tenant', async () => {
    await send(loki, { hostport: `${receiver.origin}/`, user: 'u', apikey: 'k', tenant: 't' });
    expect(receiver.requests[0]).toMatchObject({ path: '/loki/api/v1/push' });
    expect(receiver.requests[0]?.headers).toEqual(
      expect.arrayContaining([
        ['Content-Type', 'application/json'],
        ['X-Scope-Orgid', 't'],
        ['Authorization', 'Basic dTpr'],
      ]),
    );
  });

  test.each([
    [204, 'delivered'],
    [400, 'rejected'],
    [401, 'retry'],
    [429, 'retry'],
    [500, 'retry'],
  ])('status %i', async (status, kind) => {
    receiver.answer({ status });
    expect((await send(loki, { hostport: receiver.origin })).outcome.kind).toBe(kind);
  });
});

describe('Splunk', () => {
  test.each([
    [200, 0, 'delivered'],
    [400, 5, 'rejected'],
    [400, 6, 'rejected'],
    [400, 7, 'retry'],
    [400, 10, 'retry'],
    [403, 4, 'retry'],
    [503, 9, 'retry'],
  ])('status %i, code %i', async (status, code, kind) => {
    receiver.answer({ status, body: JSON.stringify({ text: 'x', code }) });
    expect((await send(splunk, { host: receiver.origin, token: 'T' })).outcome.kind).toBe(kind);
    expect(receiver.requests[0]?.headers).toContainEqual(['Authorization', 'Splunk T']);
  });

  test('a batch is taken up to the event that cannot be read', async () => {
    receiver.answer({
      status: 400,
      body: '{"text":"Invalid data format","code":6,"invalid-event-number":1}',
    });
    const output = openOutput(settingsOf(splunk, { host: receiver.origin, batching: { enabled: 'true' } }));
    const alerts = (['shell', 'whole', 'test'] as const).map(sampleAlert);
    expect(await output.deliverAll(alerts)).toMatchObject([
      { kind: 'delivered' },
      { kind: 'rejected' },
      { kind: 'retry', afterMs: 0 },
    ]);
    receiver.answer({ status: 400, body: '{"code":7,"invalid-event-number":0}' });
    expect((await output.deliverAll(alerts)).map(({ kind }) => kind)).toEqual(['retry', 'retry', 'retry']);
    receiver.answer({ status: 200, body: '{"text":"Success","code":0}' });
    expect(new Set((await output.deliverAll(alerts)).map(({ kind }) => kind))).toEqual(
      new Set(['delivered']),
    );
    await output.close();
    const events = (receiver.requests[0]?.body ?? '').trim().split('\n');
    expect(events.map((line) => JSON.parse(line))).toMatchObject([
      { time: 1610667584.834, sourcetype: 'falcosidekick', event: { rule: 'Terminal shell in container' } },
      { time: 1709288405.408 },
      { time: 1709288405, event: { uuid: sampleAlert('test').uuid } },
    ]);
    expect(events[0]).toContain('"evt.time":1610667584834631763');
  });
});

describe('OpenObserve', () => {
  test.each([
    ['{"code":200,"status":[{"name":"falco","successful":1,"failed":0}]}', 'delivered'],
    ['{"code":200,"status":[{"name":"falco","successful":0,"failed":1,"error":"Too old data"}]}', 'rejected'],
    ['', 'delivered'],
  ])('answer %s', async (body, kind) => {
    receiver.answer({ status: 200, body });
    const written = { hostport: receiver.origin, username: 'u', password: 'p', streamname: 'a/b' };
    const { outcome } = await send(openobserve, written);
    expect(outcome.kind).toBe(kind);
    if (outcome.kind === 'rejected') expect(outcome.reason).toBe('not taken: Too old data');
    expect(receiver.requests[0]?.path).toBe('/api/default/a%2Fb/_multi');
    expect(receiver.requests[0]?.headers).toContainEqual(['Authorization', 'Basic dTpw']);
  });
});

test('ZincSearch: a user', async () => {
  await send(zincsearch, { hostport: receiver.origin, username: 'u', password: 'p' });
  expect(receiver.requests[0]?.headers).toContainEqual(['Authorization', 'Basic dTpw']);
});

test('Quickwit: the index is made where there is none', async () => {
  receiver.answer(({ path }) => ({ status: path.endsWith('/describe') ? 404 : 200 }));
  const written = { hostport: receiver.origin, autocreateindex: 'true', index: 'i', version: '0.8' };
  expect((await send(quickwit, written)).outcome.kind).toBe('delivered');
  expect(receiver.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'GET /api/v1/indexes/i/describe',
    'POST /api/v1/indexes',
    'POST /api/v1/i/ingest',
  ]);
  expect(JSON.parse(receiver.requests[1]?.body ?? '')).toMatchObject({
    version: '0.8',
    index_id: 'i',
    doc_mapping: { timestamp_field: 'time', mode: 'dynamic' },
  });
});

describe('InfluxDB', () => {
  test.each([
    [{}, 'http://influxdb:8086/write?db=falco&precision=n'],
    [
      { user: 'u&', password: 'p', precision: 'us' },
      'http://influxdb:8086/write?db=falco&u=u%26&p=p&precision=u',
    ],
    [
      { organization: 'o', precision: 's' },
      'http://influxdb:8086/api/v2/write?org=o&bucket=falco&precision=s',
    ],
  ])('%j', (written, url) => {
    expect(requestOf(influxdb, written, sampleAlert('whole'))?.url).toBe(url);
  });

  test('a point is one line whatever an alert says, with the alert in it', () => {
    const { config } = settingsOf(influxdb);
    const { request: requestFor } = influxdb as AnyHttpSink; // It speaks HTTP.
    fc.assert(
      fc.property(
        fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) }),
        fc.dictionary(fc.string(), fc.string(), { maxKeys: 5 }),
        (output, fields) => {
          const alert = { ...sampleAlert('whole'), output, fields, rule: output, source: 's\\' };
          const [request] = [requestFor(alert, config, sampleCall)].flat();
          const { tags, value, time } = readPoint(String(request?.body));
          expect(time).toBe('1709288405408091526');
          expect(value).toBe(output.replaceAll('\0', ''));
          expect(tags.get('priority')).toBe('Error');
          expect(tags.get('source')).toBe('s');
          expect(tags.get('hostname')).toBe('node-7');
        },
      ),
    );
  });
});

/** A reader of the line protocol as its documentation has it. */
function readPoint(line: string) {
  const match =
    /^events((?:,(?:\\[,= ]|[^,= \n\\]|\\(?![,= ]))+=(?:\\[,= ]|[^,= \n\\]|\\(?![,= ]))+)*) value="((?:\\["\\]|[^"\\])*)" (\d+)\n$/s.exec(
      line,
    );
  if (match === null) throw new Error(`this is no point: ${line}`);
  const [, tags = '', value = '', time = ''] = match;
  const pairs = [
    ...tags.matchAll(/,((?:\\[,= ]|[^,= \\]|\\(?![,= ]))+)=((?:\\[,= ]|[^,= \\]|\\(?![,= ]))+)/g),
  ];
  return {
    tags: new Map(pairs.map(([, name, text]) => [name, (text ?? '').replace(/\\([,= ])/g, '$1')])),
    value: value.replace(/\\(["\\])/g, '$1'),
    time,
  };
}

describe('Wavefront', () => {
  test('the service itself, with its token', () => {
    const request = requestOf(
      wavefront,
      { endpointtype: 'direct', endpointhost: 'x.wavefront.com', endpointtoken: 'T' },
      sampleAlert('test'),
    );
    expect(request).toMatchObject({
      url: 'https://x.wavefront.com/report?f=wavefront',
      headers: { authorization: 'Bearer T' },
    });
    expect(() => settingsOf(wavefront, { endpointtype: 'direct' })).toThrow(
      '`wavefront.endpointtoken` is not set',
    );
  });

  test('either spelling of the interval counts', () => {
    const limits = (written: Written) =>
      (wavefront as AnyHttpSink).batch?.limits(settingsOf(wavefront, written).config)?.waitMs;
    expect([{}, { flushintervalseconds: '5' }, { flushintervalsecods: '7' }].map(limits)).toEqual([
      1_000, 5_000, 7_000,
    ]);
  });

  test('every alert of a batch is one line', async () => {
    const { port, hostname } = new URL(receiver.origin);
    const output = openOutput(settingsOf(wavefront, { endpointhost: hostname, endpointmetricport: port }));
    await output.deliverAll([sampleAlert('hostile'), sampleAlert('test')]);
    await output.close();
    const lines = (receiver.requests[0]?.body ?? '').trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      expect(line).toMatch(/^"falco\.alert" 1 \d{13} source="falco-exporter"( "[\w.-]+"="(\\.|[^"\\])*")+$/);
    }
  });
});
