import { expect, test } from 'vitest';
import { approvalText, orderText, untilText } from '../../shared/run-words.ts';
import { countsText, heldText, leaderText, limitText, waitingText } from './figures.ts';

test.each([
  [true, null, 'This hub acts'],
  [true, 'hub-0', 'This hub acts (hub-0)'],
  [false, 'hub-1', 'hub-1 acts, and this hub stands by'],
  [false, null, 'No hub acts right now: this one stands by'],
])('who acts: leading %s, leader %s', (isLeading, leader, wanted) => {
  expect(leaderText({ isLeading, leader })).toBe(wanted);
});

test.each([
  [0, 'Nothing waits for approval'],
  [1, '1 waits for approval'],
  [12, '12 wait for approval'],
])('%i that wait', (count, wanted) => {
  expect(waitingText(count)).toBe(wanted);
});

test.each([
  ['default', 60_000, '3 of 10 within 1 min, each namespace: most in default'],
  ['', 5_000, '3 of 10 within 5 s, each namespace'],
  ['', 3_600_000, '3 of 10 within 1 h, each namespace'],
])('a limit, most used in `%s`, within %i ms', (where, windowMs, wanted) => {
  const limit = { what: 'all actions', scope: 'each namespace', usedCount: 3, mostCount: 10, heldCount: 0 };
  expect(limitText({ ...limit, where, windowMs })).toBe(wanted);
});

test('what a limit held, and what there was since the start', () => {
  expect([heldText(0), heldText(2)]).toEqual(['held nothing', 'held 2']);
  expect(
    countsText([
      { state: 'done', count: 3 },
      { state: 'waiting', count: 2 },
      { state: 'begun', count: 1 },
    ]),
  ).toBe('1 running, 3 done');
  expect(countsText([])).toBe('');
});

test.each([
  [null, 'done', undefined],
  [{ by: null }, 'waiting', 'nobody yet'],
  [{ by: null }, 'expired', 'nobody'],
  [{ by: 'ann' }, 'done', 'approved by ann'],
  [{ by: 'link 192.0.2.1' }, 'denied', 'denied by link 192.0.2.1'],
] as const)('who decided: %j of a run that is %s', (approval, state, wanted) => {
  const whole = approval === null ? null : { ...approval, expiresTime: '', decidedTime: null };
  expect(approvalText({ approval: whole, state })).toBe(wanted);
});

test('a run in a line, and how long there is', () => {
  expect(orderText({ action: 'End', target: 'pod a/b' })).toBe('End: pod a/b');
  expect(orderText({ action: 'Call', target: '' })).toBe('Call');
  const nowMs = Date.parse('2026-11-26T10:00:00Z');
  expect(untilText('2026-11-26T10:12:30Z', nowMs)).toBe('in 12 min');
  expect([untilText('2026-11-26T10:00:00Z', nowMs), untilText('x', nowMs)]).toEqual(['now', 'now']);
});
