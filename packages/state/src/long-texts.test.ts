import { encodeView } from '@peregrine/events';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { LongTexts } from './long-texts.ts';

const EXEC = 293;

const bytes = fc
  .oneof(
    fc.string({ minLength: 1, maxLength: 40, unit: fc.constantFrom('a', '\0', '\xff', '/') }),
    fc.constantFrom('x'.repeat(2_048), 'x'.repeat(5_000), `${'x'.repeat(2_000)}\0y`),
  )
  .map((text) => Buffer.from(text, 'latin1'));

test('a text is what the view says, the first time and again', () => {
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 12 }), (all) => {
      const texts = new LongTexts();
      for (const value of [...all, ...all]) {
        const view = encodeView({ code: EXEC, params: [0, 'bash', value] });
        expect(texts.text(view, 2)).toBe(view.wholeText(2));
        expect(texts.textUpToNul(view, 2)).toBe(view.text(2));
      }
    }),
  );
});

test('equal texts are found, not made again', () => {
  const texts = new LongTexts();
  const view = encodeView({ code: EXEC, params: [0, 'bash', Buffer.from('one\0two\0three\0')] });
  expect(Object.is(texts.text(view, 2), texts.text(view, 2))).toBe(true);
  expect(texts.text(view, 9)).toBe('');
  expect(texts.textUpToNul(view, 9)).toBeUndefined();
});

test('texts of one size that differ in a few bytes are all kept', () => {
  const texts = new LongTexts();
  const views = Array.from({ length: 20 }, (_, i) =>
    encodeView({
      code: EXEC,
      params: [0, 'bash', Buffer.from(`${'a'.repeat(30)}${i + 10}${'b'.repeat(500)}`)],
    }),
  );
  const first = views.map((view) => texts.text(view, 2));
  expect(new Set(first).size).toBe(20);
  const made = vi.spyOn(Buffer.prototype, 'toString');
  expect(views.map((view) => texts.text(view, 2))).toEqual(first);
  expect(made).not.toHaveBeenCalled();
  made.mockRestore();
});
