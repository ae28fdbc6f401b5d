import { expect, test } from 'vitest';
import { newPassword } from './new-password.ts';

test('is long, and another one each time', () => {
  const made = new Set(Array.from({ length: 200 }, () => newPassword()));
  expect(made.size).toBe(200);
  for (const password of made) expect(password).toMatch(/^[a-zA-Z2-9]{20}$/);
});

test('leaves out bytes that would make some signs likelier', () => {
  let round = 0;
  const password = newPassword((bytes) => bytes.fill(round++ === 0 ? 255 : 1));
  expect(password).toBe('b'.repeat(20));
});
