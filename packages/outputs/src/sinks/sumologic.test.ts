import { expect, test } from 'vitest';
import { hugeAlert, sampleAlert } from '../../testing/sample-alerts.ts';
import { batchRequestOf, bodyOf, requestsOf, settingsOf } from '../../testing/sink-contract.ts';
import { sumologic } from './sumologic.ts';

test('what the lines belong to is in headers', () => {
  const written = { sourcecategory: 'prod/falco', sourcehost: 'node-7', name: 'falco' };
  expect(requestsOf(settingsOf(sumologic), sampleAlert('test'))[0]?.headers).toEqual({});
  expect(requestsOf(settingsOf(sumologic, written), sampleAlert('test'))[0]?.headers).toEqual({
    'x-sumo-category': 'prod/falco',
    'x-sumo-host': 'node-7',
    'x-sumo-name': 'falco',
  });
});

test('several alerts are a line each', () => {
  const { body } = batchRequestOf(settingsOf(sumologic), [sampleAlert('test'), sampleAlert('hostile')]);
  expect(body).toBe(`${sampleAlert('test').json}\n${sampleAlert('hostile').json}\n`);
});

test.each([
  [20_000, 100],
  [1, 1_000_000],
])('%i fields with texts of %i are a line of 64 KB', (fieldCount, textLength) => {
  const alert = hugeAlert(fieldCount, textLength);
  expect(JSON.stringify(bodyOf(settingsOf(sumologic), alert)).length).toBeLessThanOrEqual(65_536);
});
