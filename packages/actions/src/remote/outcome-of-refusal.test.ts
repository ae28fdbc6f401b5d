import { expect, test } from 'vitest';
import { outcomeOfRefusal } from './outcome-of-refusal.ts';

test.each([
  [429, 'retry'],
  [503, 'retry'],
  [400, 'refused'],
  [302, 'refused'],
  [403, 'refused'],
  [404, 'refused'],
  [408, 'unknown'],
  [500, 'unknown'],
  [502, 'unknown'],
  [504, 'unknown'],
  [undefined, 'unknown'],
])('status %s: %s', (status, kind) => {
  expect(outcomeOfRefusal({ status, reason: 'x' })).toMatchObject({ kind, reason: 'x' });
});

test('how long to wait is told on, and what was never sent is tried again', () => {
  expect(outcomeOfRefusal({ status: 429, reason: 'x', afterMs: 7_000 })).toMatchObject({ afterMs: 7_000 });
  expect(outcomeOfRefusal({ status: undefined, reason: 'x', isUnsent: true })).toMatchObject({
    kind: 'retry',
  });
});
