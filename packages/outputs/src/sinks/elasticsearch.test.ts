import type { HubAlert } from '@peregrine/alert';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { type HttpReceiver, openHttpReceiver } from '../../testing/http-receiver.ts';
import { sampleAlert } from '../../testing/sample-alerts.ts';
import { sampleCall, settingsOf, type Written } from '../../testing/sink-contract.ts';
import { type OpenOutput, openOutput } from '../../testing/sink-exchange.ts';
import type { AnyHttpSink } from '../sink.ts';
import { elasticsearch } from './elasticsearch.ts';

let receiver: HttpReceiver;
const opened: OpenOutput[] = [];
beforeEach(async () => {
  await receiver?.close();
  receiver = await openHttpReceiver();
});
afterAll(async () => {
  for (const output of opened) await output.close();
  await receiver.close();
});

function open(written: Written = {}, nowMs = sampleCall.nowMs): OpenOutput {
  const output = openOutput(settingsOf(elasticsearch, { hostport: receiver.origin, ...written }), {
    nowMs: () => nowMs,
  });
  opened.push(output);
  return output;
}

const lines = (text: string | undefined): unknown[] =>
  (text ?? '')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

test.each([
  ['daily', '/falco-2024.03.01/_doc/'],
  ['monthly', '/falco-2024.03/_doc/'],
  ['annually', '/falco-2024/_doc/'],
  ['none', '/falco/_doc/'],
])('suffix %s', async (suffix, path) => {
  const output = open({ suffix });
  await output.deliver(sampleAlert('shell'));
  expect(receiver.requests[0]?.path).toBe(`${path}${sampleAlert('shell').uuid}?op_type=create`);
});

test('a pipeline, no names, another type, a path below the host, and compression', async () => {
  const output = open({
    hostport: `${receiver.origin}/es/`,
    index: 'a/b',
    type: 'falco',
    pipeline: 'geo ip',
    documentids: 'false',
    enablecompression: 'true',
    flattenfields: 'true',
  });
  await output.deliver(sampleAlert('shell'));
  const [request] = receiver.requests;
  expect(request?.path).toBe('/es/a%2Fb-2024.03.01/falco?pipeline=geo%20ip');
  expect(request?.headers).toContainEqual(['Content-Encoding', 'gzip']);
  expect(request?.body).toContain('"evt_time":1610667584834631763');
  expect(request?.body).toContain('"@timestamp":"2021-01-14T23:39:44.834631763Z"');
});

test.each([
  [{ apikey: 'a2V5' }, 'APIKey a2V5'],
  [{ username: 'u', password: 'p' }, 'Basic dTpw'],
  [{ apikey: 'a2V5', username: 'u', password: 'p' }, 'Basic dTpw'],
  [{ username: 'u' }, undefined],
])('%j', async (written, authorization) => {
  const output = open(written);
  await output.deliver(sampleAlert('test'));
  const header = receiver.requests[0]?.headers.find(([name]) => name === 'Authorization');
  expect(header?.[1]).toBe(authorization);
});

test.each([
  [201, {}, 'delivered'],
  [409, { error: { type: 'version_conflict_engine_exception' } }, 'delivered'],
  [400, { error: { type: 'document_parsing_exception', reason: 'x' } }, 'rejected'],
  [401, { error: { type: 'security_exception' } }, 'retry'],
  [404, { error: { type: 'index_not_found_exception' } }, 'retry'],
  [429, { error: { type: 'es_rejected_execution_exception' } }, 'retry'],
  [503, {}, 'retry'],
])('status %i %j is %s', async (status, body, kind) => {
  receiver.answer({ status, body: JSON.stringify(body) });
  const { outcome } = await open().deliver(sampleAlert('test'));
  expect(outcome.kind).toBe(kind);
});

test('a batch, with one outcome for each alert; what is refused is sent alone, without what is wrong', async () => {
  const item = (status: number, error?: object): object => ({ create: { status, error } });
  const cannotParse = {
    type: 'document_parsing_exception',
    reason: 'failed to parse field [output_fields.fd.name] of type [long]',
  };
  receiver.answer(({ path, body }) => {
    if (!path.startsWith('/_bulk')) {
      const isWrong = body.includes('"fd.name"');
      return isWrong ? { status: 400, body: JSON.stringify({ error: cannotParse }) } : { status: 201 };
    }
    const items = [
      item(201),
      item(409, { type: 'version_conflict_engine_exception', reason: 'document already exists' }),
      item(400, cannotParse),
      item(429, { type: 'es_rejected_execution_exception', reason: 'queue is full' }),
    ];
    return { status: 200, body: JSON.stringify({ errors: true, items }) };
  });
  const output = open({ batching: { enabled: 'true' }, pipeline: 'p', apikey: 'k' });
  const alerts = (['shell', 'hostile', 'whole', 'test'] as const).map(sampleAlert);
  expect((await output.deliverAll(alerts)).map(({ kind }) => kind)).toEqual([
    'delivered',
    'delivered',
    'delivered',
    'retry',
  ]);
  const [request, alone, amended, ...more] = receiver.requests;
  expect(request?.path).toMatch(/^\/_bulk\?pipeline=p&filter_path=errors/);
  expect(request?.headers).toContainEqual(['Content-Type', 'application/x-ndjson']);
  const written = lines(request?.body);
  expect(written).toHaveLength(8);
  for (const [i, alert] of alerts.entries()) {
    expect(written[2 * i]).toEqual({ create: { _index: 'falco-2024.03.01', _id: alert.uuid } });
    expect(written[2 * i + 1]).toMatchObject({ uuid: alert.uuid, '@timestamp': alert.time });
  }
  expect(more).toEqual([]);
  expect(amended?.path).toBe(alone?.path);
  expect(alone?.body).toContain('"fd.name"');
  expect(amended?.body).toContain('"fd.list"');
  expect(amended?.body).not.toContain('"fd.name"');
});

test('a batch that went well, one that was refused as a whole, and an answer that is none', async () => {
  const output = open({ batching: { enabled: 'true' } });
  const kinds = async () =>
    (await output.deliverAll([sampleAlert('shell'), sampleAlert('whole')])).map(({ kind }) => kind);
  receiver.answer({ status: 200, body: '{"errors":false}' });
  expect(await kinds()).toEqual(['delivered', 'delivered']);
  receiver.answer(({ path }) => ({ status: path.startsWith('/_bulk') ? 413 : 201 }));
  expect(await kinds()).toEqual(['delivered', 'delivered']);
  receiver.answer({ status: 413, body: 'too large' });
  expect(await kinds()).toEqual(['rejected', 'rejected']);
  receiver.answer({ status: 200, body: '{"errors":true,"items":[' });
  expect(await kinds()).toEqual(['retry', 'retry']);
});

test.each([
  [{ enabled: 'false' }, undefined],
  [
    { enabled: 'true', batchsize: '1000', flushinterval: '250ms' },
    { mostAlerts: 2_000, mostBytes: 1_000, waitMs: 250 },
  ],
])('batching %j', (batching, limits) => {
  const sink = elasticsearch as AnyHttpSink; // It speaks HTTP.
  expect(sink.batch?.limits(settingsOf(elasticsearch, { batching }).config)).toEqual(limits);
});

const alert: HubAlert = {
  ...sampleAlert('shell'),
  fields: { 'a.b': 1, 'a.b.c': 'x', 'proc.name': 'sh', 'proc.name.long': 'y' },
};

test.each([
  ['document_parsing_exception', '[1:7] failed to parse field [output_fields.a.b] of type [date]', ['a.b']],
  ['mapper_parsing_exception', 'failed to parse field [output_fields.proc_name] of type', ['proc.name']],
  [
    'document_parsing_exception',
    'object mapping for [output_fields.proc] tried to parse field [proc] as object, but found a concrete value',
    ['proc.name', 'proc.name.long'],
  ],
  [
    'illegal_argument_exception',
    "can't merge a non object mapping [output_fields.a.b.c.d] with an object mapping",
    ['a.b', 'a.b.c'],
  ],
  ['document_parsing_exception', 'failed to parse field [output_fields.other] of type [long]', undefined],
  ['document_parsing_exception', 'failed to parse field [priority] of type [long]', undefined],
  ['illegal_argument_exception', 'Limit of total fields [1000] has been exceeded', undefined],
  ['security_exception', 'not allowed for [output_fields.a.b]', undefined],
])('%s: %s', (type, reason, gone) => {
  const sink = elasticsearch as AnyHttpSink; // It speaks HTTP.
  const answer = { status: 400, headers: {}, body: JSON.stringify({ error: { type, reason } }) };
  const amended = sink.amend?.(alert, answer, settingsOf(elasticsearch).config);
  const left = Object.keys(alert.fields).filter((name) => !gone?.includes(name));
  expect(amended && Object.keys(amended.fields)).toEqual(gone && left);
  if (amended !== undefined) {
    expect(Object.keys(JSON.parse(amended.json).output_fields)).toEqual(left);
  }
});

test('the index template is made once where there is none, and alerts wait for it', async () => {
  const output = open({ createindextemplate: 'true', numberofshards: '1', apikey: 'k' });
  receiver.answer(({ method }) => ({ status: method === 'GET' ? 404 : 500, body: '{}' }));
  expect(await output.deliver(sampleAlert('shell'))).toMatchObject({
    outcome: { kind: 'retry', reason: 'cannot make the index template: status 500: {}' },
  });
  receiver.answer(({ method }) => ({ status: method === 'GET' ? 404 : 200 }));
  await output.deliver(sampleAlert('shell'));
  await output.deliver(sampleAlert('whole'));
  expect(receiver.requests.map(({ method, path }) => `${method} ${path.split('/')[1]}`)).toEqual([
    'GET _index_template',
    'PUT _index_template',
    'GET _index_template',
    'PUT _index_template',
    'POST falco-2024.03.01',
    'POST falco-2024.03.01',
  ]);
  for (const { headers } of receiver.requests) expect(headers).toContainEqual(['Authorization', 'APIKey k']);
  expect(JSON.parse(receiver.requests[3]?.body ?? '')).toMatchObject({
    index_patterns: ['falco-*'],
    template: { settings: { number_of_shards: 1, number_of_replicas: 3 } },
  });
  expect(receiver.requests[4]?.body).toContain('"k8s_ns_name":"default"');
});

test('an index template that is there stays as it is', async () => {
  const output = open({ createindextemplate: 'true', suffix: 'none' });
  await output.deliver(sampleAlert('shell'));
  expect(receiver.requests.map(({ method }) => method)).toEqual(['GET', 'POST']);
});

test('the name of the document is that of the alert in every attempt', async () => {
  for (const nowMs of [sampleCall.nowMs, sampleCall.nowMs + 5_000]) {
    await open({}, nowMs).deliver(sampleAlert('whole'));
  }
  expect(new Set(receiver.requests.map(({ path }) => path)).size).toBe(1);
});
