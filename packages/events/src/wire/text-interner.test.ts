import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TextInterner } from './text-interner.ts';

const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'latin1');

test('texts are the bytes, whatever came before', () => {
  const interner = new TextInterner();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(8), (bytes, start) => {
      const from = Math.min(start, bytes.length);
      const all = Buffer.from(bytes).toString('latin1').slice(from);
      expect(interner.text(bytes, from, bytes.length)).toBe(all);
      expect(interner.textUpToNul(bytes, from, bytes.length)).toBe(all.split('\0', 1)[0]);
    }),
    { numRuns: 2_000 },
  );
});

test('texts of one slot do not pass for each other', () => {
  const interner = new TextInterner();
  const texts = Array.from({ length: 20_000 }, (_, i) => `/proc/${i}/stat`);
  for (let round = 0; round < 2; round++) {
    for (const text of texts) {
      const bytes = bytesOf(`${text}\0rest`);
      if (interner.textUpToNul(bytes, 0, bytes.length) !== text) expect.unreachable(text);
    }
  }
});

test.each([63, 64, 65, 4_096, 4_097, 70_000])('a text of %i bytes', (size) => {
  const interner = new TextInterner();
  const text = 'é'.repeat(size);
  const bytes = bytesOf(text);
  expect(interner.text(bytes, 0, size)).toBe(text);
  expect(interner.text(bytes, 0, size)).toBe(text);
  bytes[size - 1] = 65;
  expect(interner.text(bytes, 0, size)).toBe(`${text.slice(1)}A`);
});
