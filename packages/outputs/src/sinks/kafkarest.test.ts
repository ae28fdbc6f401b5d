import { expect, test } from 'vitest';
import { sampleAlert } from '../../testing/sample-alerts.ts';
import { batchRequestOf, outcomeOf, requestsOf, settingsOf } from '../../testing/sink-contract.ts';
import { kafkarest } from './kafkarest.ts';

const alerts = [sampleAlert('test'), sampleAlert('hostile')];

test.each([
  ['1', 'application/vnd.kafka.binary.v1+json'],
  ['2', 'application/vnd.kafka.binary.v2+json'],
])('version %s', (version, contentType) => {
  expect(requestsOf(settingsOf(kafkarest, { version }), sampleAlert('test'))).toMatchObject([
    { headers: { 'content-type': contentType } },
  ]);
});

test('each record is an alert', () => {
  const { json } = batchRequestOf(settingsOf(kafkarest), alerts);
  expect(json).toEqual({
    records: alerts.map((alert) => ({ value: Buffer.from(alert.json, 'utf8').toString('base64') })),
  });
});

const good = '{"partition":0,"offset":7,"error_code":null,"error":null}';
const refused = '{"partition":null,"error_code":1,"error":"too large"}';
const failed = '{"partition":null,"error_code":2,"error":"no leader"}';

test.each([
  [200, `{"offsets":[${good}]}`, { kind: 'delivered' }],
  [200, `{"offsets":[${refused}]}`, { kind: 'rejected', reason: 'error 1: too large' }],
  [200, `{"offsets":[${failed}]}`, { kind: 'retry', reason: 'error 2: no leader' }],
  [200, 'what is this', { kind: 'delivered' }],
  [404, '{"error_code":40401,"message":"Topic not found."}', { kind: 'retry' }],
  [422, '', { kind: 'rejected' }],
  [500, '', { kind: 'retry' }],
])('answer %i %s', (status, body, outcome) => {
  expect(outcomeOf(settingsOf(kafkarest), sampleAlert('test'), { status, body })).toMatchObject(outcome);
});

test('every record of a batch has an outcome of its own', () => {
  if (kafkarest.kind !== 'http') throw new Error('it speaks HTTP');
  const classify = (body: string) =>
    kafkarest.kind === 'http' && kafkarest.batch?.classify?.({ status: 200, body, headers: {} }, alerts);
  expect(classify(`{"offsets":[${good},${failed}]}`)).toMatchObject([
    { kind: 'delivered' },
    { kind: 'retry' },
  ]);
  expect(classify(`{"offsets":[${good}]}`)).toBeUndefined();
});
