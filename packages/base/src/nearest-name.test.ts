import { expect, test } from 'vitest';
import { editDistance, nearestName } from './nearest-name.ts';

test.each([
  ['priority', 'priority', 0],
  ['priorty', 'priority', 1],
  ['pirority', 'priority', 1],
  ['', 'abc', 3],
  ['kitten', 'sitting', 3],
])('%s to %s takes %i edits', (a, b, distance) => {
  expect(editDistance(a, b, 9)).toBe(distance);
  expect(editDistance(b, a, 9)).toBe(distance);
});

test.each([
  ['priorty', 'priority'],
  ['jsonoutput', 'json_output'],
  ['something_else', undefined],
  ['x', undefined],
])('nearest to %s is %s', (name, expected) => {
  expect(nearestName(name, ['priority', 'json_output', 'rules_files'])).toBe(expected);
});

test('distance counts edits up to a limit', () => {
  expect(editDistance('abc', 'xyz', 1)).toBe(2);
});
