import { parseJson } from '@peregrine/alert';
import { sampleAlert, sampleAlerts } from '@peregrine/outputs/testing';
import { expect, test } from 'vitest';
import { alertOf } from '../../testing/alert-of.ts';
import { payloadOf, traceIdOf } from './payload.ts';

const context = { 'falco-talon.rule': 'React', 'node.hostname': 'a "quoted" <host>' };

test.each(sampleAlerts)('%s: the alert as it is, and two keys more', (_title, alert) => {
  const payload = payloadOf({ alert, context }, 1_000_000);
  const start = alert.json.slice(0, -1);
  expect(payload.startsWith(`${start},"trace_id":"`)).toBe(true);
  const parsed = parseJson(payload);
  expect(parsed).toMatchObject({ end: payload.length, value: { trace_id: traceIdOf(alert), context } });
});

test('numbers are kept to the last digit', () => {
  expect(payloadOf({ alert: sampleAlert('shell'), context: {} }, 1_000_000)).toContain(
    '"evt.time":1610667584834631763',
  );
});

test('what is too long is cut, and is still JSON', () => {
  const alert = alertOf({ output: 'x'.repeat(200_000) });
  const payload = payloadOf({ alert, context }, 20_000);
  expect(Buffer.byteLength(payload)).toBeLessThanOrEqual(20_000);
  expect(JSON.parse(payload)).toMatchObject({ output: expect.stringMatching(/\[\.\.\.\]$/), context });
});

test.each([
  ['5b5c5e3e-5d8f-4b0c-9d5e-6f3c1f6f2a01', '5b5c5e3e5d8f4b0c9d5e6f3c1f6f2a01'],
  ['no uuid', expect.stringMatching(/^[0-9a-f]{32}$/)],
])('the trace of %s', (uuid, expected) => {
  expect(traceIdOf({ uuid })).toEqual(expected);
});
