import { toByteText } from '@peregrine/base';
import { describe, expect, test } from 'vitest';
import { compileRegex } from './regex-pattern.ts';

function matches(pattern: string, text: string): boolean | string {
  const compiled = compileRegex(toByteText(pattern));
  return typeof compiled === 'string' ? compiled : compiled(toByteText(text));
}

describe('POSIX reading', () => {
  test.each([
    ['a+?', '', true],
    ['a+?', 'aa', true],
    ['a{2}?', '', true],
    ['a**', 'aaa', true],
    ['(ab)+*', '', true],
    ['x(a|b)*?y', 'xabay', true],
    ['a.c', 'a\nc', false],
    ['a[^b]c', 'a\nc', true],
    ['a\n^b$', 'a\nb', true],
    ['a|', '', true],
    ['()', '', true],
    ['[a-c-]', '-', true],
    ['[]a]', ']', true],
    ['[^]a]', 'b', true],
    ['\\x41\\101', 'AA', true],
    ['é', 'é', true],
    ['.', 'é', true],
    ['..', 'é', false],
    ['[[:alpha:]_]+', 'ab_', true],
    ['\\.\\*', '.*', true],
    ['a{,2}', 'a{,2}', true],
    ['💥+', '💥💥', true],
  ])('%s against %j', (pattern, text, verdict) => {
    expect(matches(pattern, text)).toBe(verdict);
  });
});

test.each([
  '\\d',
  '\\w+',
  '\\bfoo',
  '[\\d]',
  '(?i)a',
  '(?:a)',
  '\\pL',
  '\\Qa\\E',
  '\\A',
  '\\1',
  '\\C',
  '\\é',
  '*a',
  'a|*',
  '(',
  ')',
  '[a',
  '[b-a]',
  '[a-c-e]',
  'a{1001}',
  '\\',
  '[[:nope:]]',
])('refuses %s', (pattern) => {
  expect(compileRegex(toByteText(pattern))).toBeTypeOf('string');
});

test('takes linear time on patterns and texts made to defeat backtracking', () => {
  const compiled = compileRegex('(a*)*(a|a)*b');
  if (typeof compiled === 'string') throw new Error(compiled);
  expect(compiled('a'.repeat(20_000))).toBe(false);
});
