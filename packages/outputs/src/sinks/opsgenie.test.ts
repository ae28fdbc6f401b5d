import { objectIn } from '@peregrine/base';
import { expect, test } from 'vitest';
import { hugeAlert, sampleAlert } from '../../testing/sample-alerts.ts';
import { bodyOf, outcomeOf, requestsOf, sampleCall, settingsOf } from '../../testing/sink-contract.ts';
import { opsgenie } from './opsgenie.ts';

test.each([
  ['us', 'https://api.opsgenie.com/v2/alerts'],
  ['eu', 'https://api.eu.opsgenie.com/v2/alerts'],
])('region %s', (region, url) => {
  expect(requestsOf(settingsOf(opsgenie, { region }), sampleAlert('whole'))).toMatchObject([{ url }]);
});

test('an output that is short is the message alone', () => {
  expect(bodyOf(settingsOf(opsgenie), sampleAlert('test'))).toMatchObject({
    message: 'This is a test from falcosidekick',
    description: 'Test rule',
    alias: sampleCall.deliveryId,
  });
});

test('of one that is too long, the description has all', () => {
  const { output } = sampleAlert('shell');
  expect(bodyOf(settingsOf(opsgenie), sampleAlert('shell'))).toMatchObject({
    message: `${output.slice(0, 127)}...`,
    description: expect.stringContaining('shell=sh parent=runc cmdline=sh terminal=34816'),
  });
});

test('alerts with the same alias are one', () => {
  expect(bodyOf(settingsOf(opsgenie, { alias: '{{ .Rule }}' }), sampleAlert('test'))).toMatchObject({
    alias: 'Test rule',
  });
});

test.each([
  [5, 100],
  [30, 500],
  [100, 10_000],
  [20_000, 20],
  [1, 2_000_000],
])('%i fields with texts of %i are within the limits of Opsgenie', (fieldCount, textLength) => {
  const body = objectIn(bodyOf(settingsOf(opsgenie), hugeAlert(fieldCount, textLength)));
  expect(String(body?.message).length).toBeLessThanOrEqual(130);
  expect(String(body?.description).length).toBeLessThanOrEqual(15_000);
  const details = Object.entries(objectIn(body?.details) ?? {});
  const size = details.reduce((sum, [name, value]) => sum + name.length + String(value).length, 0);
  expect(size).toBeLessThanOrEqual(8_000);
  const shown = details.filter(([name]) => name.startsWith('field_')).length;
  const rest = objectIn(body?.details)?.['not shown'];
  expect(rest).toBe(shown === fieldCount ? undefined : `${fieldCount - shown} more fields`);
});

test.each([
  [202, 'delivered'],
  [422, 'rejected'],
  [401, 'retry'],
  [403, 'retry'],
  [429, 'retry'],
  [503, 'retry'],
])('status %i is %s', (status, kind) => {
  expect(outcomeOf(settingsOf(opsgenie), sampleAlert('test'), { status })).toMatchObject({ kind });
});
