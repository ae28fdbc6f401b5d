import { objectIn } from '@peregrine/base';
import { expect, test } from 'vitest';
import { hugeAlert, sampleAlert } from '../../testing/sample-alerts.ts';
import { bodyOf, outcomeOf, requestsOf, sampleCall, settingsOf } from '../../testing/sink-contract.ts';
import { pagerduty } from './pagerduty.ts';

test.each([
  ['us', 'https://events.pagerduty.com/v2/enqueue'],
  ['EU', 'https://events.eu.pagerduty.com/v2/enqueue'],
])('region %s', (region, url) => {
  expect(requestsOf(settingsOf(pagerduty, { region }), sampleAlert('whole'))).toMatchObject([{ url }]);
});

test.each([
  ['critical', 'Debug', 'critical'],
  ['priority', 'Debug', 'info'],
  ['priority', 'Warning', 'warning'],
  ['priority', 'Error', 'error'],
  ['priority', 'Emergency', 'critical'],
  ['warning', 'Emergency', 'warning'],
] as const)('severity %s makes that of %s %s', (written, priority, severity) => {
  const body = bodyOf(settingsOf(pagerduty, { severity: written }), { ...sampleAlert('whole'), priority });
  expect(body).toMatchObject({ payload: { severity } });
});

test.each([
  [{}, sampleCall.deliveryId],
  [{ dedupkey: '{{ .Rule }} {{ .Hostname }}' }, 'Write below etc node-7'],
  [{ dedupkey: '{{ index .OutputFields "no.such" }}' }, sampleCall.deliveryId],
  [{ dedupkey: '{{ index .Rule "x" }}' }, sampleCall.deliveryId],
])('incidents are told apart by %o', (written, key) => {
  expect(bodyOf(settingsOf(pagerduty, written), sampleAlert('whole'))).toMatchObject({ dedup_key: key });
});

test('the details are the fields, and what falcosidekick forgets', () => {
  expect(bodyOf(settingsOf(pagerduty), sampleAlert('whole'))).toMatchObject({
    payload: {
      timestamp: '2024-03-01T10:20:05Z',
      custom_details: {
        'proc.pid': 4711,
        hostname: 'node-7',
        rule: 'Write below etc',
        priority: 'Error',
        source: 'syscall',
        tags: 'T1543, filesystem, mitre_persistence',
      },
    },
  });
});

test.each([
  [5, 100],
  [100, 10_000],
  [20_000, 100],
  [1, 2_000_000],
])('%i fields with texts of %i fit into 512 KB', (fieldCount, textLength) => {
  const written = { dedupkey: '{{ .Output }}' };
  const body = objectIn(bodyOf(settingsOf(pagerduty, written), hugeAlert(fieldCount, textLength)));
  expect(JSON.stringify(body).length).toBeLessThan(512 * 1_024);
  expect(String(objectIn(body?.payload)?.summary).length).toBeLessThanOrEqual(1_024);
  expect(String(body?.dedup_key).length).toBeLessThanOrEqual(255);
});

test.each([
  [202, '{"status":"success"}', 'delivered'],
  [400, '{"status":"invalid event","errors":["\'payload.summary\' is missing or blank"]}', 'rejected'],
  [400, '{"status":"invalid event","errors":["Length of \'routing_key\' is incorrect"]}', 'retry'],
  [429, '', 'retry'],
  [500, '', 'retry'],
])('answer %i %s is %s', (status, body, kind) => {
  expect(outcomeOf(settingsOf(pagerduty), sampleAlert('test'), { status, body })).toMatchObject({ kind });
});
