/** Alerts of every kind that can come in, for properties of outputs. */

import { encodeAlert, type HubAlert, type HubValue, priorities } from '@peregrine/alert';
import fc from 'fast-check';

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({
    unit: fc.constantFrom(
      '*',
      '_',
      '`',
      '<',
      '>',
      '&',
      '\\',
      '[',
      ']',
      '(',
      ')',
      '\n',
      '"',
      '@',
      '%',
      ' ',
      'a',
    ),
    maxLength: 80,
  }),
  // Long enough for every limit.
  fc
    .tuple(fc.constantFrom('x', '*', '<', '漢', '\\"', '🦅', ' '), fc.integer({ min: 100, max: 12_000 }))
    .map(([unit, count]) => unit.repeat(count)),
);

const name = fc.string({ unit: fc.constantFrom('a', 'b', '.', '_', '[', '*', ' ', 'é'), maxLength: 12 });

const value: fc.Arbitrary<HubValue> = fc.oneof(
  text,
  fc.constant(null),
  fc.boolean(),
  fc.integer(),
  fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }),
  fc.array(fc.string({ maxLength: 10 }), { maxLength: 4 }),
);

export const anyAlert: fc.Arbitrary<HubAlert> = fc
  .record({
    uuid: fc.uuid(),
    output: text,
    priority: fc.constantFrom(...priorities),
    rule: text.filter((rule) => rule.trim() !== ''),
    timeNs: fc.bigInt({ min: 0n, max: 4_102_444_800n * 1_000_000_000n }),
    source: text,
    tags: fc.array(text, { maxLength: 4 }),
    hostname: text,
    fields: fc.dictionary(name, value, { maxKeys: 40 }),
  })
  .map((made) => {
    const alert = { ...made, time: new Date(Number(made.timeNs / 1_000_000n)).toISOString() };
    return { ...alert, json: encodeAlert(alert) };
  });
