import type { Alert, Story } from '@peregrine/api/contract';
import { expect, test } from 'vitest';
import { awaitedMs, happenings, offsetText, timeNs } from './happenings.ts';

const alert = (id: string, time: string): Alert => ({
  ...{
    id,
    uuid: id,
    time,
    priority: 'Notice',
    rule: `rule ${id}`,
    source: 'syscall',
    hostname: 'h',
    tags: [],
  },
  ...{ output: '', fields: { 'proc.name': 'sh' }, state: 'new', assignee: null, incidentId: 'i', mark: null },
});

test('events and alerts are in one order, to the nanosecond, and each is there once', () => {
  const event = (time: string, text: string) => ({ time, text, type: 'open', pid: 1, processName: 'sh' });
  const story: Story = {
    ...{ ancestors: [], siblings: [], children: [] },
    before: [event('2026-01-01T00:00:00.000000001Z', 'first'), event('2026-01-01T00:00:01.5Z', 'second')],
    after: [
      event('2026-01-01T00:00:02.000000003Z', 'later'),
      { ...event('2026-01-01T00:00:02.000000002Z', 'it'), isAlert: true },
    ],
  };
  const self = alert('1', '2026-01-01T00:00:02.000000002Z');
  const other = alert('2', '2026-01-01T00:00:02.000000001Z');
  expect(
    happenings(self, story, [other, other, self]).map(
      ({ text, offset, kind }) => `${offset} ${kind} ${text}`,
    ),
  ).toEqual([
    '−2 s event first',
    '−500 ms event second',
    '−1 ns other-alert rule 2',
    '0 alert rule 1',
    '+1 ns event later',
  ]);
});

test.each([
  [1n, '+1 ns'],
  [-1_500n, '−1.5 µs'],
  [90_000_000_000n, '+1.5 min'],
  [-86_400_000_000_000n * 3n, '−3 d'],
  [0n, '0'],
])('%s', (ns, text) => {
  expect(offsetText(ns)).toBe(text);
});

test('a time is read to its last digit', () => {
  expect(timeNs('2021-01-14T23:39:44.834631763Z')).toBe(1610667584834631763n);
  expect(timeNs('never')).toBe(0n);
});

test('the end of a story is awaited while it may come', () => {
  const { time } = alert('1', '2026-01-01T00:00:02Z');
  const nowMs = Date.parse(time) + 3_000;
  const process = { pid: 1, name: 'sh', exePath: '/bin/sh', cmdline: 'sh', user: 'root' };
  const story: Story = { process, ancestors: [], siblings: [], children: [], before: [], after: [] };
  expect(awaitedMs({ time }, story, nowMs)).toBe(5_000);
  expect(awaitedMs({ time }, story, nowMs + 5_000)).toBeUndefined();
  expect(awaitedMs({ time }, story, nowMs - 9_000)).toBeUndefined();
  expect(awaitedMs({ time }, null, nowMs)).toBeUndefined();
  expect(awaitedMs({ time }, { ...story, process: undefined }, nowMs)).toBeUndefined();
  const end = { time, type: 'procexit', pid: 1, processName: 'sh', text: 'ended' };
  expect(awaitedMs({ time }, { ...story, after: [end] }, nowMs)).toBeUndefined();
});
