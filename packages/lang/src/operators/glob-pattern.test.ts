import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileGlob } from './glob-pattern.ts';

/** The meaning of a pattern of stars, question marks and letters, by trying everything. */
function matchesSlowly(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  const rest = pattern.slice(1);
  if (pattern[0] === '*') {
    for (let i = 0; i <= text.length; i++) if (matchesSlowly(rest, text.slice(i))) return true;
    return false;
  }
  if (text === '') return false;
  return (pattern[0] === '?' || pattern[0] === text[0]) && matchesSlowly(rest, text.slice(1));
}

const fewLetters = (letters: string, maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...letters), maxLength });

test('agrees with trying everything', () => {
  fc.assert(
    fc.property(fewLetters('ab*?', 8), fewLetters('ab', 10), (pattern, text) => {
      const isMatch = matchesSlowly(pattern, text);
      expect(compileGlob(pattern, { isCaseFolded: false })(text)).toBe(isMatch);
      expect(compileGlob(pattern.toUpperCase(), { isCaseFolded: true })(text)).toBe(isMatch);
    }),
    { numRuns: 3_000 },
  );
});

test('takes any pattern', () => {
  fc.assert(
    fc.property(fewLetters('a*?[]!^-\\:[', 12), fewLetters('a[]\\-', 6), (pattern, text) => {
      expect(compileGlob(pattern, { isCaseFolded: true })(text)).toBeTypeOf('boolean');
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ['[a-z]', 'm', true],
  ['[!a-z]', 'm', false],
  ['[^a-z]', 'M', true],
  ['[a-]', '-', true],
  ['[]-a]', '^', true],
  ['[\\]]', ']', true],
  ['[[:upper:][:digit:]]x', '7x', true],
  ['[[:cntrl:]]', '\x7f', true],
  ['[[:cntrl:]]', '\x80', false],
  ['[z-a]', 'm', false],
  ['[', '[', true],
  ['a[bc', 'a[bc', true],
  ['*[0-9]', 'abc7', true],
  ['a*[0-9]*z', 'aa5bz', true],
  ['?', '\n', true],
])('%s against %j', (pattern, text, verdict) => {
  expect(compileGlob(pattern, { isCaseFolded: false })(text)).toBe(verdict);
});

test('does not blow up', () => {
  const test = compileGlob(`${'*a'.repeat(30)}*b`, { isCaseFolded: false });
  expect(test('a'.repeat(5_000))).toBe(false);
});
