import type { Output } from '@peregrine/api/contract';
import { expect, test } from 'vitest';
import { conditionOf, figuresOf } from './figures.ts';

const healthy: Output = {
  ...{
    id: 'slack',
    title: 'Slack',
    state: 'delivering',
    waitingCount: 0,
    oldestMs: 0,
    deliveredCount: 1_234,
  },
  ...{ failedCount: 0, rejectedCount: 0, expiredCount: 0, skippedCount: 0, deadLetterCount: 0 },
  ...{ minimumPriority: '', lastFailure: null },
};

test.each([
  ['delivering', {}],
  ['refusing', { deadLetterCount: 1 }],
  ['failing', { deadLetterCount: 1, state: 'failing' }],
  ['waiting', { state: 'waiting' }],
] as const)('is %s with %j', (condition, over) => {
  expect(conditionOf({ ...healthy, ...over })).toBe(condition);
});

test('tells what is lost only where something is, and how old the oldest is that waits', () => {
  expect(figuresOf(healthy).map(([name]) => name)).not.toContain('Too old to send');
  const troubled = figuresOf({ ...healthy, expiredCount: 3, waitingCount: 2, oldestMs: 90_000 });
  expect(troubled).toContainEqual(['Too old to send', '3', true]);
  expect(troubled).toContainEqual(['Waiting', '2, oldest 1 min']);
});
