import { JsonNode } from '@peregrine/events';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRfc3339Ns, rfc3339NsOf } from './event-time.ts';

const inDocument = (text: string): bigint | undefined => rfc3339NsOf(JsonNode.of(text));

const two = fc.nat(99).map((n) => String(n).padStart(2, '0'));
const times = fc
  .tuple(
    fc.nat(9_999).map((year) => String(year).padStart(4, '0')),
    ...([two, two, two, two, two] as const),
    fc.oneof(
      fc.constant(''),
      fc.nat().map((n) => `.${n}`),
      fc.constantFrom('.', '.123456789', '.1234567891', ',5'),
    ),
    fc.constantFrom('Z', 'z', '+02:00', '-00:30', '', ' '),
  )
  .map(
    ([year, month, day, hour, minute, second, fraction, zone]) =>
      `${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}${zone}`,
  );

describe('times of RFC 3339', () => {
  test.each([
    ['2026-11-25T10:00:00.123456Z', 1_795_600_800_123_456_000n],
    ['2026-11-25T12:00:00.123456+02:00', 1_795_600_800_123_456_000n],
    ['2026-11-25T10:00:00Z', 1_795_600_800_000_000_000n],
    ['2026-11-25T10:00:00.123456789123Z', 1_795_600_800_123_456_789n],
    ['2026-11-25T10:00:00.Z', undefined],
    ['2026-11-25T24:00:01Z', undefined],
    ['2026-11-25 10:00:00Z', undefined],
    ['2026-13-25T10:00:00Z', undefined],
    ['yesterday', undefined],
  ])('%s', (text, expected) => {
    expect([parseRfc3339Ns(text), inDocument(text)]).toEqual([expected, expected]);
  });

  test('read from bytes they are the same as read from text', () => {
    const valid = fc
      .date({ min: new Date('1000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
      .map((date) => date.toISOString());
    fc.assert(
      fc.property(fc.oneof(times, valid, fc.string()), (text) => {
        expect(inDocument(text)).toBe(parseRfc3339Ns(text));
      }),
      { numRuns: 2_000 },
    );
  });
});
