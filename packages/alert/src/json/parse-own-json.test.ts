import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { HubValue } from '../hub-alert.ts';
import { encodeJson } from './encode-json.ts';
import { exactNumber } from './exact-number.ts';
import { parseJson } from './parse-json.ts';
import { parseOwnJson } from './parse-own-json.ts';

/** As the slow parser reads it. */
function plain(text: string): unknown {
  const parsed = parseJson(text);
  if ('problem' in parsed) return undefined;
  const { value } = parsed;
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
}

const numbers = [
  ...['0', '-0', '-1', '1.0', '1.5', '1e3', '-1E400', '0.0', '-0.0', '123456789012345'],
  ...[
    '1234567890123456',
    '9007199254740992',
    '9007199254740993',
    '1610667584834631763',
    '-1610667584834631763',
  ],
];

test.each(
  numbers.flatMap((number) =>
    [
      `{"fields":{"a":${number}}}`,
      `{"fields":{"a":[1,${number}]}}`,
      `{"fields":{"a":{"b":${number}}}}`,
      `{"b":${number},"fields":{"a":1}}`,
      `{"fields":{"a":${number},"b":{"a":${number}}}}`,
      `{"fields":{"x\\"a":1,"a":${number}}}`,
      `{"fields":{"a": ${number}, "b" : ${number} }}`,
      `{"fields":{"b":"\\"a\\":7","a":${number},"c":"\\"a\\":8,"}}`,
      `{"fields":{"\\u003ca":${number},"<b":${number}}}`,
      `{"fields":{"__proto__":${number}}}`,
      `{"fields":{"a":${number},"a":1}}`,
      `{"fields":{"a":1,"a":${number}}}`,
      `{"fields":[${number}]}`,
      `[${number}]`,
      number,
      `{"fields":{"a":${number}`,
      `{"fields":{"a":${number}}} and more`,
    ].map((text) => [text]),
  ),
)('reads %s as the slow parser does', (text) => {
  expect(parseOwnJson(text, 'fields')).toEqual(plain(text));
});

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('a', '"a":', '"a":1.5', ',1.5', '__proto__', '\\', '"', '<a>', '10:00:00.5', '\ud800'),
);
const number = fc.oneof(
  fc.constantFrom(...numbers).map(exactNumber),
  fc.bigInt(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
);
const { value } = fc.letrec<{ value: HubValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    text,
    number,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(text, tie('value'), { maxKeys: 3 }),
  ),
}));

test('reads what was encoded as the slow parser does', () => {
  fc.assert(
    fc.property(fc.dictionary(text, value, { maxKeys: 4 }), fc.dictionary(text, value), (more, fields) => {
      const encoded = encodeJson({ ...more, fields });
      expect(parseOwnJson(encoded, 'fields')).toEqual(plain(encoded));
    }),
    { numRuns: 1_000 },
  );
});

test('reads any bytes as the slow parser does, and never throws', () => {
  const pieces = fc.constantFrom(
    '{',
    '}',
    '"fields":',
    '"a":',
    ':',
    ',',
    '[',
    ']',
    '1',
    '-0',
    '12345678901234567',
    '.5',
    ' ',
    '"',
  );
  fc.assert(
    fc.property(fc.array(pieces), (parts) => {
      const joined = parts.join('');
      expect(parseOwnJson(joined, 'fields')).toEqual(plain(joined));
    }),
    { numRuns: 1_000 },
  );
});
