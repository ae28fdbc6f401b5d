import { expect, test } from 'vitest';
import { hugeAlert, sampleAlert } from '../../testing/sample-alerts.ts';
import { batchRequestOf, bodyOf, requestsOf, settingsOf } from '../../testing/sink-contract.ts';
import { dynatrace } from './dynatrace.ts';

test('the address with and without a slash', () => {
  for (const apiurl of ['https://x.live.dynatrace.com/api', 'https://x.live.dynatrace.com/api/']) {
    expect(requestsOf(settingsOf(dynatrace, { apiurl, apitoken: 'abc' }), sampleAlert('test'))).toMatchObject(
      [
        {
          url: 'https://x.live.dynatrace.com/api/v2/logs/ingest',
          headers: { authorization: 'Api-Token abc' },
        },
      ],
    );
  }
});

test('fields and tags that Dynatrace has names for', () => {
  const alert = {
    ...sampleAlert('whole'),
    fields: {
      'container.id': 'abc',
      'container.image': 'nginx',
      'container.name': null,
      'k8s.ns.name': '',
      'ka.target.namespace': 'audit',
      'k8s.pod.id': 'uid',
      'span.id': 7n,
    },
  };
  expect(bodyOf(settingsOf(dynatrace), alert)).toEqual([
    {
      timestamp: '2024-03-01T10:20:05.408Z',
      'event.id': alert.uuid,
      'event.name': 'Write below etc',
      'event.provider': 'Falco',
      severity: 'Error',
      'host.name': 'node-7',
      'log.source': 'syscall',
      content: {
        output: alert.output,
        output_fields: { ...alert.fields, 'span.id': 7 },
        tags: ['T1543', 'filesystem', 'mitre_persistence'],
      },
      'mitre.technique': 'T1543',
      'mitre.tactic': 'mitre_persistence',
      'container.id': 'abc',
      'container.image.name': 'nginx',
      'k8s.namespace.name': 'audit',
      'k8s.pod.uid': 'uid',
      'span.id': '7',
    },
  ]);
});

test('several alerts are one request', () => {
  const { json } = batchRequestOf(settingsOf(dynatrace), [sampleAlert('test'), sampleAlert('whole')]);
  expect(json).toMatchObject([{ 'event.name': 'Test rule' }, { 'event.name': 'Write below etc' }]);
});

test('a record is bounded', () => {
  const body = JSON.stringify(bodyOf(settingsOf(dynatrace), hugeAlert(1, 2_000_000)));
  expect(Buffer.byteLength(body)).toBeLessThan(512_000);
});
