import { expect, test } from 'vitest';
import { isUnsent } from './unsent.ts';

test.each([
  ['ECONNREFUSED', true],
  ['ENOTFOUND', true],
  ['CERT_HAS_EXPIRED', true],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', true],
  // The request may have gone out before.
  ['ECONNRESET', false],
  ['ETIMEDOUT', false],
  ['EPIPE', false],
])('%s: %s', (code, expected) => {
  expect(isUnsent(Object.assign(new Error('x'), { code }))).toBe(expected);
});

test('what has no code may have been sent', () => {
  expect(isUnsent(new Error('x'))).toBe(false);
  expect(isUnsent('ECONNREFUSED')).toBe(false);
});
