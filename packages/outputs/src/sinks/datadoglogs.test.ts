import { objectIn, parseObject } from '@peregrine/base';
import { expect, test } from 'vitest';
import { hugeAlert, sampleAlert } from '../../testing/sample-alerts.ts';
import { batchRequestOf, bodyOf, requestsOf, settingsOf } from '../../testing/sink-contract.ts';
import { datadoglogs } from './datadoglogs.ts';

test('whether the address ends with a slash or not', () => {
  for (const host of ['https://logs.example.org', 'https://logs.example.org/']) {
    expect(requestsOf(settingsOf(datadoglogs, { host }), sampleAlert('test'))).toMatchObject([
      { url: 'https://logs.example.org/api/v2/logs' },
    ]);
  }
});

test('the message is the alert', () => {
  const body = objectIn(bodyOf(settingsOf(datadoglogs, { service: 'shop' }), sampleAlert('whole')));
  expect(body).toMatchObject({
    ddsource: 'falco',
    service: 'shop',
    ddtags: 'T1543,filesystem,mitre_persistence',
  });
  expect(body?.message).toBe(sampleAlert('whole').json);
});

test('several alerts are a list, one is itself', () => {
  const settings = settingsOf(datadoglogs);
  expect(batchRequestOf(settings, [sampleAlert('test')]).json).toEqual(
    requestsOf(settings, sampleAlert('test'))[0]?.json,
  );
  expect(batchRequestOf(settings, [sampleAlert('test'), sampleAlert('whole')]).json).toMatchObject([
    { message: sampleAlert('test').json },
    { message: sampleAlert('whole').json },
  ]);
});

test.each([
  [20_000, 100],
  [1, 3_000_000],
])('%i fields with texts of %i are an entry below 1 MB', (fieldCount, textLength) => {
  const body = objectIn(bodyOf(settingsOf(datadoglogs), hugeAlert(fieldCount, textLength)));
  expect(JSON.stringify(body).length).toBeLessThan(1_000_000);
  expect(parseObject(String(body?.message))).toMatchObject({ rule: expect.any(String) });
});
