import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SEPARATORS, WordNumbers } from './word-numbers.ts';

/** Numbers of the words of a text. */
function numbersOf(words: WordNumbers, text: string): readonly number[] {
  const numbers: number[] = [];
  for (let start = words.nextWord(text, 0); start >= 0; start = words.nextWord(text, words.end))
    numbers.push(words.number(text, start));
  return numbers;
}

test('words of texts have numbers in the order in which they come first', () => {
  const piece = fc.constantFrom(
    'a',
    'b',
    'ab',
    'longer-than-a-dozen',
    '漢字',
    ' ',
    '\u3000',
    '=',
    '(',
    '\n',
    '',
  );
  fc.assert(
    fc.property(fc.array(fc.array(piece).map((pieces) => pieces.join(''))), (texts) => {
      const words = new WordNumbers();
      const known: string[] = [];
      for (const text of texts) {
        const expected = text
          .split(SEPARATORS)
          .filter((word) => word !== '')
          .map((word) => (known.includes(word) ? known.indexOf(word) : known.push(word) - 1));
        expect(numbersOf(words, text)).toEqual(expected);
      }
      expect(words.names).toEqual(known);
    }),
  );
});

test('many words, and many that have the same hash', () => {
  const words = new WordNumbers();
  const many = Array.from({ length: 50_000 }, (_, i) => `word-${i}`);
  expect(numbersOf(words, many.join(' '))).toEqual(many.map((_, i) => i));
  const same = Array.from({ length: 300 }, (_, i) => withHash(`x${i}`, 0x1234_5678));
  expect(new Set(same).size).toBe(300);
  const numbers = numbersOf(words, same.join(','));
  expect(numbers).toEqual(same.map((_, i) => many.length + i));
  expect(numbersOf(words, same.join(' '))).toEqual(numbers);
  expect(numbersOf(words, many.join('='))).toEqual(many.map((_, i) => i));
});

const FACTOR = 0x0100_0193;

/** The word with two letters more, so that all of these have the same hash before its last factor. */
function withHash(word: string, wanted: number): string {
  let hash = 0;
  for (const letter of word) hash = Math.imul(hash ^ letter.charCodeAt(0), FACTOR);
  for (let first = 0x4e00; first < 0xd000; first++) {
    const rest = Math.imul(hash ^ first, FACTOR) ^ wanted;
    if (rest >>> 16 === 0 && rest >= 0x4e00 && rest < 0xd000) return word + String.fromCharCode(first, rest);
  }
  return withHash(`${word}-`, wanted);
}
