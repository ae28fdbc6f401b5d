import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countNulList, elementOfNulList, joinNulList, lengthOfNulList, valueInNulList } from './nul-list.ts';

const element = fc.string({ maxLength: 6 }).map((text) => text.replaceAll('\0', ''));
const elements = fc.array(element, { maxLength: 5 });

function listOf(texts: readonly string[]): string {
  return texts.map((text) => `${text}\0`).join('');
}

describe('a list of texts with a NUL after each', () => {
  test('says the same as the array it was made from', () => {
    fc.assert(
      fc.property(elements, (texts) => {
        const list = listOf(texts);
        expect(joinNulList(list)).toBe(texts.join(' '));
        expect(countNulList(list)).toBe(texts.length);
        expect(lengthOfNulList(list)).toBe(texts.join('').length);
        for (let i = 0; i <= texts.length; i++) expect(elementOfNulList(list, i)).toBe(texts[i]);
      }),
    );
  });

  test('is read alike when the last NUL is missing', () => {
    expect(joinNulList('a\0b')).toBe('a b');
    expect(countNulList('a\0b')).toBe(2);
    expect(elementOfNulList('a\0b', 1)).toBe('b');
  });

  test.each([
    ['PATH', '/bin'],
    ['A', ''],
    ['B', '1=2'],
    ['P', undefined],
    ['HOME', undefined],
  ] as const)('value of %s', (name, value) => {
    expect(valueInNulList('PATH=/bin\0A=\0B=1=2\0', name)).toBe(value);
  });
});
