import { fromByteText, toByteText } from '@peregrine/base';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { boundLabels, boundMounts, boundProbe, boundText } from './bound-metadata.ts';

test('text is cut at a character', () => {
  expect(boundText('abc', 3)).toBe('abc');
  expect(boundText('abcd', 3)).toBe('abc');
  expect(boundText('aé', 2)).toBe('a');
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), (text, most) => {
      const bounded = boundText(text, most);
      expect(bounded.length).toBeLessThanOrEqual(most);
      expect(toByteText(text).startsWith(bounded)).toBe(true);
      expect(fromByteText(bounded)).not.toContain('\ufffd');
    }),
  );
});

test('labels: long values and names are left out, and no more than so many are kept', () => {
  const many = Array.from({ length: 2_000 }, (_, i) => [`k${i}`, 'v'] as const);
  expect(Object.keys(boundLabels(many, 10))).toHaveLength(512);
  expect(
    boundLabels(
      [
        ['a', 'x'.repeat(11)],
        ['n'.repeat(400), 'x'],
        ['b', 'é'],
      ],
      10,
    ),
  ).toEqual({ b: toByteText('é') });
  const long = Array.from({ length: 500 }, (_, i) => [`k${i}`, 'x'.repeat(1_000)] as const);
  expect(Object.keys(boundLabels(long, 1_000))).toHaveLength(65);
  expect(Object.keys(boundLabels([['__proto__', 'x']], 10))).toEqual(['__proto__']);
});

test('mounts and probes', () => {
  const mount = { source: 's', destination: '/d', mode: '', isWritable: true, propagation: '' };
  const many = (length: number, source: string) =>
    boundMounts(Array.from({ length }, () => ({ ...mount, source })));
  expect(many(3_000, 's')).toHaveLength(1_024);
  expect(many(1, 's'.repeat(9_999))[0]?.source).toHaveLength(4_096);
  expect(many(3_000, 's'.repeat(9_999))).toHaveLength(15);
  expect(boundProbe([])).toBeUndefined();
  expect(boundProbe(['/check', ...Array.from({ length: 100 }, () => 'a')])?.args).toHaveLength(63);
});
