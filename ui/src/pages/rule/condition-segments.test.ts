import fc from 'fast-check';
import { expect, test } from 'vitest';
import { conditionSegments } from './condition-segments.ts';

const names = new Set(['spawned', 'shells', 'proc']);
const named = (text: string): readonly string[] =>
  conditionSegments(text, names).flatMap(({ name }) => (name === undefined ? [] : [name]));

test.each([
  ['spawned and proc.name in (shells)', ['spawned', 'shells']],
  ['not spawned or "spawned" = proc.aname[2]', ['spawned']],
  ['spawned_too and un-spawned', []],
  ['', []],
])('%j names %j', (text, expected) => {
  expect(named(text)).toEqual(expected);
});

test('nothing of the text is lost', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const whole = `${text} spawned ${text}`;
      expect(
        conditionSegments(whole, names)
          .map((segment) => segment.text)
          .join(''),
      ).toBe(whole);
    }),
  );
});
