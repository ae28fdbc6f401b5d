import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hugeAlert, sampleAlert } from '../../testing/sample-alerts.ts';
import { outcomeOf, requestsOf, settingsOf } from '../../testing/sink-contract.ts';
import { cloudevents } from './cloudevents.ts';

function headersOf(alert: Parameters<typeof requestsOf>[1], extensions = {}) {
  return requestsOf(settingsOf(cloudevents, { extensions }), alert)[0]?.headers ?? {};
}

test('attributes are headers', () => {
  expect(headersOf(sampleAlert('whole'), { Cluster: 'prod: eu', priority: 'mine' })).toEqual({
    'content-type': 'application/json',
    'ce-specversion': '1.0',
    'ce-id': sampleAlert('whole').uuid,
    'ce-source': 'https://falco.org',
    'ce-type': 'falco.rule.output.v1',
    'ce-time': '2024-03-01T10:20:05.408091526Z',
    'ce-priority': 'mine',
    'ce-rule': 'Write below etc',
    'ce-eventsource': 'syscall',
    'ce-hostname': 'node-7',
    'ce-cluster': 'prod: eu',
  });
});

test('a header is printable ASCII, and decoded what the alert says', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }), (rule) => {
      const header = headersOf({ ...sampleAlert('test'), rule })['ce-rule'] ?? '';
      expect(header).toMatch(/^[!-~](?:[ -~]*[!-~])?$/);
      expect(header).not.toContain('"');
      expect(decodeURIComponent(header)).toBe(rule);
    }),
  );
  expect(headersOf(hugeAlert(0, 10_000))['ce-rule']?.length).toBeLessThan(4_000);
});

test.each([
  ['my-name', 'has `my-name`, which is no name of an attribute'],
  ['id', 'has `id`, which each event has already'],
])('an extension %s is refused', (name, why) => {
  expect(() => settingsOf(cloudevents, { extensions: { [name]: 'x' } })).toThrow(why);
});

test.each([
  [202, 'delivered'],
  [400, 'rejected'],
  [404, 'retry'],
  [503, 'retry'],
])('status %i is %s', (status, kind) => {
  expect(outcomeOf(settingsOf(cloudevents), sampleAlert('test'), { status })).toMatchObject({ kind });
});
