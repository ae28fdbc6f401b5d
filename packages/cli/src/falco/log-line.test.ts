import { expect, test } from 'vitest';
import { renderLogLine } from './log-line.ts';

test('local time as C writes it', () => {
  expect(renderLogLine('hello', new Date(2026, 10, 1, 7, 5, 9), false)).toBe(
    'Sun Nov  1 07:05:09 2026: hello',
  );
});

test('ISO 8601', () => {
  expect(renderLogLine('hello', new Date(Date.UTC(2026, 0, 2, 3, 4, 5)), true)).toBe(
    '2026-01-02T03:04:05+0000: hello',
  );
});
