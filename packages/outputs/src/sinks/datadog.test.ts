import { listIn, objectIn } from '@peregrine/base';
import { expect, test } from 'vitest';
import { hugeAlert, sampleAlert } from '../../testing/sample-alerts.ts';
import { bodyOf, requestsOf, sampleCall, settingsOf } from '../../testing/sink-contract.ts';
import { datadog } from './datadog.ts';

test('the key is no part of the address', () => {
  const settings = settingsOf(datadog, { host: 'https://api.datadoghq.eu/', apikey: 'abc' });
  expect(requestsOf(settings, sampleAlert('test'))).toMatchObject([
    { url: 'https://api.datadoghq.eu/api/v1/events', headers: { 'dd-api-key': 'abc' } },
  ]);
});

test('an alert that had to wait keeps its time, as long as Datadog takes it', () => {
  const settings = settingsOf(datadog);
  const { nowMs } = sampleCall;
  const body = (waitedHours: number) =>
    bodyOf(settings, sampleAlert('test'), { ...sampleCall, nowMs: nowMs + waitedHours * 3_600_000 });
  expect(body(0)).toMatchObject({ date_happened: 1_709_288_405 });
  expect(body(16)).toMatchObject({ date_happened: 1_709_288_405 });
  expect(body(18)).not.toHaveProperty('date_happened');
});

test('an output cannot turn Markdown on', () => {
  const alert = { ...sampleAlert('test'), output: '%%% \n[x](http://evil.example)\n %%%' };
  expect(bodyOf(settingsOf(datadog), alert)).toMatchObject({ text: expect.not.stringMatching(/^%%%/) });
});

test.each([
  ['Emergency', 'error'],
  ['Error', 'error'],
  ['Warning', 'warning'],
  ['Notice', 'info'],
] as const)('%s is %s', (priority, type) => {
  expect(bodyOf(settingsOf(datadog), { ...sampleAlert('test'), priority })).toMatchObject({
    alert_type: type,
  });
});

test.each([
  [5, 100],
  [3_000, 1_000],
  [1, 2_000_000],
])('%i fields with texts of %i are within the limits of Datadog', (fieldCount, textLength) => {
  const body = objectIn(bodyOf(settingsOf(datadog), hugeAlert(fieldCount, textLength)));
  expect(String(body?.text).length).toBeLessThanOrEqual(4_000);
  const tags = listIn(body?.tags).map(String);
  expect(Math.max(...tags.map(({ length }) => length))).toBeLessThanOrEqual(200);
  expect(tags.length).toBeLessThan(600);
  expect(tags.includes('not shown:2500 more fields')).toBe(fieldCount === 3_000);
});
