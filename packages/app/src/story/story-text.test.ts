import { toByteText } from '@peregrine/base';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shortened, storyText } from './story-text.ts';

test('texts are decoded, masked, and no longer than they may be', () => {
  expect(storyText(toByteText('echo 日本'), 20)).toBe('echo 日本');
  expect(storyText('run --password=hunter2 now', 40)).toBe('run --password=*** now');
  expect(storyText('x'.repeat(50), 10)).toBe(`${'x'.repeat(9)}…`);
});

test('whatever comes, a text is short, and characters stay whole', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 100 }),
      fc.integer({ min: 2, max: 60 }),
      (text, most) => {
        const short = shortened(text, most);
        expect(short.length).toBeLessThanOrEqual(most);
        if (text.isWellFormed()) expect(short.isWellFormed()).toBe(true);
        expect(storyText(toByteText(text.toWellFormed()), most).length).toBeLessThanOrEqual(most);
      },
    ),
  );
});

test('a secret that is cut is no less a secret', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 80 }), fc.integer({ min: 20, max: 60 }), (before, most) => {
      const told = storyText(`${'x '.repeat(before)}--password=${'z'.repeat(100)}`, most);
      expect(told).not.toContain('zz');
    }),
  );
});
