import { describe, expect, test } from 'vitest';
import { completionAt, isCondition, quotedValue } from './completion.ts';

describe('completion of conditions', () => {
  test.each([
    ['', 'field', '', ''],
    ['pro', 'field', 'pro', ''],
    ['proc.name ', 'operator', '', 'proc.name'],
    ['proc.name sta', 'operator', 'sta', 'proc.name'],
    ['proc.name = ', 'value', '', 'proc.name'],
    ['proc.name=ba', 'value', 'ba', 'proc.name'],
    ['proc.name = "a b', 'value', '"a b', 'proc.name'],
    ['proc.name = bash ', 'connective', '', 'proc.name'],
    ['proc.name = bash and ru', 'field', 'ru', 'proc.name'],
    ['not (ru', 'field', 'ru', ''],
    ['rule in (a, ', 'value', '', 'rule'],
    ['rule in (a, b) ', 'connective', '', 'rule'],
    ['fd.name exists ', 'connective', '', 'fd.name'],
  ] as const)('%j wants a %s', (text, wants, word, field) => {
    expect(completionAt(text, text.length)).toMatchObject({
      wants,
      word,
      field,
      from: text.length - word.length,
    });
  });

  test.each([
    ['bash', 'bash'],
    ['a b', '"a b"'],
    ['say "x"', '"say \\"x\\""'],
    ['and', '"and"'],
    ['', '""'],
  ])('%j is written as %s', (value, written) => {
    expect(quotedValue(value)).toBe(written);
  });

  test.each([
    ['proc.name = bash', true],
    ['not rule contains shell', true],
    ['(priority in (Critical))', true],
    ['proc.aname[2]=sh', true],
    ['shadow', false],
    ['/etc/shadow', false],
    ['nginx in a container', true],
    ['日本語', false],
    ['a', false],
  ])('%j: a condition? %s', (text, expected) => {
    expect(isCondition(text)).toBe(expected);
  });
});
