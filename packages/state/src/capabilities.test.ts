import { encodeView } from '@peregrine/events';
import { expect, test } from 'vitest';
import { NO_CAPABILITIES, readCapabilities, uniformCapabilities } from './capabilities.ts';

const CAPSET = 353;

test('equal sets are one object, others are read word by word', () => {
  const view = encodeView({ code: CAPSET, params: [0, 2n ** 32n + 1n, 2n ** 33n + 2n, 0xffff_ffffn] });
  const sets = readCapabilities(view, 1, NO_CAPABILITIES);
  expect(sets).toEqual({
    inheritableLow: 1,
    inheritableHigh: 1,
    permittedLow: 2,
    permittedHigh: 2,
    effectiveLow: 0xffff_ffff,
    effectiveHigh: 0,
  });
  expect(readCapabilities(view, 1, sets)).toBe(sets);
  expect(readCapabilities(view, 1, { ...sets, effectiveHigh: 1 })).toEqual(sets);
  expect(uniformCapabilities(0, 0)).toEqual(NO_CAPABILITIES);
});
