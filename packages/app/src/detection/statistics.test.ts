import { expect, test } from 'vitest';
import { addMatches, noStatistics, renderStatistics } from './statistics.ts';

test('counts by severity and by rule', () => {
  const matches = [
    { rule: 'B', priority: 6, count: 2 },
    { rule: 'A', priority: 4, count: 3 },
    { rule: 'C', priority: 6, count: 1 },
  ];
  expect(renderStatistics({ ...noStatistics, matches })).toBe(
    'Events detected: 6\nRule counts by severity:\n   WARNING: 3\n   INFO: 3\nTriggered rules by rule name:\n   B: 2\n   A: 3\n   C: 1\n',
  );
});

test('sums over reloads', () => {
  const entry = (rule: string, count: number) => ({ rule, priority: 0, count });
  expect(addMatches([entry('A', 1), entry('B', 2)], [entry('B', 3), entry('C', 4)])).toEqual([
    entry('A', 1),
    entry('B', 5),
    entry('C', 4),
  ]);
});
