import { fromByteText } from '@peregrine/base';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exceptionCondition } from '../1-read/condition-text.ts';
import { parseCondition } from './parse-condition.ts';
import { constantText } from './render.ts';

const lists = new Set(['shells', 'a']);

function constantIn(text: string): string | undefined {
  const parsed = parseCondition(exceptionCondition({ fields: ['p.x'], operators: ['='], rows: [[text]] }));
  if (parsed.kind === 'problem' || parsed.condition.kind !== 'compare') return undefined;
  const { right } = parsed.condition;
  return right.kind === 'text' ? fromByteText(right.value) : undefined;
}

test('any text is read as itself', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('"', "'", '\\', ' ', '(', ')', ',', '=', 'a', '\n', 'é', '日', '\0') }),
    fc.constantFrom(
      'and',
      'in',
      'oneof',
      'not x',
      'x) or (p.x exists',
      'shells',
      'a shells b',
      '<NA>',
      '-1',
      '0x1f',
    ),
  );
  fc.assert(fc.property(text, (value) => constantIn(constantText(value, lists)) === value));
});

test('names of lists stand in no word of it', () => {
  for (const value of ['a shells b', 'shells,shells', '(shells)', 'x=a']) {
    const words = constantText(value, lists).split(/[ \t\n\r(),=]/);
    expect(words.some((word) => lists.has(word))).toBe(false);
  }
});
