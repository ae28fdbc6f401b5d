import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fieldsWithin, fitted } from './chat.ts';
import { escapeHtml, escapeMarkdown } from './markup.ts';

const textField = fc.record({ title: fc.string({ maxLength: 20 }), value: fc.string({ maxLength: 80 }) });

test('fields stay within a count and a size, and those that do not fit are counted', () => {
  fc.assert(
    fc.property(
      fc.array(textField, { maxLength: 40 }),
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 40, max: 2_000 }),
      (fields, count, chars) => {
        const shown = fieldsWithin(fields, { count, chars });
        expect(shown.length).toBeLessThanOrEqual(count);
        expect(
          shown.reduce((sum, field) => sum + field.title.length + field.value.length, 0),
        ).toBeLessThanOrEqual(chars);
        if (shown.length === fields.length && shown.at(-1)?.title !== 'not shown') return;
        expect(shown.at(-1)).toEqual({
          title: 'not shown',
          value: `${fields.length - shown.length + 1} more fields`,
        });
      },
    ),
  );
});

test('fields that all fit are left alone', () => {
  const fields = [{ title: 'a', value: 'b' }];
  expect(fieldsWithin(fields, { count: 1 })).toBe(fields);
});

test.each([
  ['Markdown', escapeMarkdown],
  ['HTML', escapeHtml],
])('a text is shortened so that it fits when %s in it is escaped', (_, escapeText) => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', '*', '<', '\\', '漢', '🦅'), maxLength: 400 }),
      fc.integer({ min: 20, max: 300 }),
      (text, most) => {
        const shown = fitted(text, most, escapeText);
        expect(shown.length).toBeLessThanOrEqual(most);
        expect(shown.isWellFormed()).toBe(true);
        if (escapeText(text).length <= most) expect(shown).toBe(escapeText(text));
        else expect(shown).toMatch(/\.\.\.$/);
      },
    ),
  );
});
