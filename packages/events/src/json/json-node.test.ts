import { type Json, toByteText } from '@peregrine/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonNode } from './json-node.ts';
import { JsonReader } from './json-reader.ts';
import { measureJson } from './json-size.ts';

/** What everything here is compared with. */
function parsed(bytes: Buffer): { readonly value: Json } | undefined {
  try {
    return { value: JSON.parse(bytes.toString('utf8')) };
  } catch {
    return undefined;
  }
}

const isTaken = (bytes: Buffer): boolean => JsonNode.parse(bytes) instanceof JsonNode;

function nodeOf(bytes: Buffer): JsonNode {
  const node = JsonNode.parse(bytes);
  if (!(node instanceof JsonNode)) throw new Error(node.failure);
  return node;
}

/** Those of more digits than a number holds are shown as they were written. */
const hasLongNumber = (bytes: Buffer): boolean => /\d{16}/.test(bytes.toString());

/** All there is in a value, with the way to it. */
function* within(
  value: Json | undefined,
  path: readonly string[] = [],
): Generator<[readonly string[], Json]> {
  if (value === undefined) return;
  yield [path, value];
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) yield* within(inner, [...path, key]);
}

const shown = (value: Json): string => toByteText(typeof value === 'string' ? value : JSON.stringify(value));

const blanks = fc.stringMatching(/^[ \t\r\n]{0,2}$/);
const keys = fc.oneof(
  fc.constantFrom('a', 'b', 'é', '0', '1', '', 'a"b', '\ufffd', '\ud800', '__proto__', 'spec'),
  fc.string({ unit: 'binary', maxLength: 6 }),
);

/** A text with its characters written in one of the ways that JSON has for them. */
const texts = fc
  .array(fc.tuple(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }), fc.nat(5)), { maxLength: 12 })
  .map((chars) => `"${chars.map(([char, way]) => written(char, way)).join('')}"`);

function written(char: string, way: number): string {
  if (way === 0) return [...Array(char.length).keys()].map((i) => escaped(char.charCodeAt(i))).join('');
  return JSON.stringify(char).slice(1, -1);
}

const escaped = (code: number): string => `\\u${code.toString(16).padStart(4, '0')}`;

const scalars = fc.oneof(
  texts,
  fc.constantFrom('true', 'false', 'null', '0', '-0', '-1.5e-7', '1E+3', '12.0', '201', '"\\/"', '"\\ud800"'),
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
);

/** JSON text in many spellings, with keys that are there twice. */
const { document: documents } = fc.letrec<{ document: string }>((tie) => ({
  document: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    scalars,
    fc
      .tuple(blanks, fc.array(tie('document'), { maxLength: 4 }))
      .map(([b, items]) => `[${b}${items.join(`${b},${b}`)}${b}]`),
    fc
      .tuple(
        blanks,
        fc.array(
          fc.tuple(
            fc.oneof(
              keys.map((key) => JSON.stringify(key)),
              texts,
            ),
            tie('document'),
          ),
          { maxLength: 5 },
        ),
      )
      .map(
        ([b, members]) =>
          `{${b}${members.map(([key, value]) => `${key}${b}:${b}${value}`).join(`${b},`)}${b}}`,
      ),
  ),
}));

const mutations = fc.array(
  fc.tuple(fc.nat(), fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('{}[]",:\\0-.eE tfn\u0000\n')))),
  {
    minLength: 1,
    maxLength: 3,
  },
);

function mutated(text: string, changes: readonly (readonly [number, number])[]): Buffer {
  const bytes = Buffer.from(text);
  for (const [at, byte] of changes) if (bytes.length > 0) bytes[at % bytes.length] = byte;
  return bytes;
}

describe('JSON text where it is', () => {
  test.each([
    ...[
      '',
      ' ',
      '{',
      '}',
      '[',
      ']',
      '{}',
      '[]',
      '{"a"}',
      '{"a":}',
      '{"a":1,}',
      '[1,]',
      '[,1]',
      '{,}',
      '{a:1}',
      '[1 2]',
    ],
    ...[
      '"a',
      '"\\x"',
      '"\\u12g4"',
      '"\\u123',
      '"\n"',
      '"\u007f"',
      "'a'",
      'tru',
      'truex',
      'nul',
      'True',
      'NaN',
      'undefined',
    ],
    ...[
      '01',
      '-',
      '-a',
      '1.',
      '.5',
      '1e',
      '1e+',
      '+1',
      '0x1',
      '--1',
      '1.2.3',
      '1 1',
      '0',
      '-0',
      '0.0',
      '1e5',
      '[1]x',
      '[]]',
      '[}',
      '{]',
    ],
    ...[
      '\ufeff{}',
      '\u00a0{}',
      '{"a":1}\u0000',
      '/**/1',
      '[1]//',
      '{"a" 1}',
      '{"a"::1}',
      '{1:2}',
      '[[[[[[[[1]]]]]]]]',
      '{"a":[{"b":[{}]}]}',
    ],
  ])('%j is taken exactly when it is JSON', (text) => {
    const bytes = Buffer.from(text);
    expect(isTaken(bytes)).toBe(parsed(bytes) !== undefined);
  });

  test('documents, whole, cut off and with bytes changed, are taken exactly when they are JSON', () => {
    fc.assert(
      fc.property(documents, fc.nat(), mutations, (text, length, changes) => {
        const whole = Buffer.from(text);
        for (const bytes of [whole, whole.subarray(0, length % (whole.length + 1)), mutated(text, changes)])
          expect(isTaken(bytes)).toBe(parsed(bytes) !== undefined);
      }),
      { numRuns: 1_500 },
    );
  });

  test('bytes of any kind are taken exactly when they are JSON', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
        expect(isTaken(Buffer.from(bytes))).toBe(parsed(Buffer.from(bytes)) !== undefined);
      }),
      { numRuns: 1_000 },
    );
  });

  test('every value at every path is the same as that of the parsed document', () => {
    fc.assert(
      fc.property(documents, mutations, fc.boolean(), (text, changes, isMutated) => {
        const bytes = isMutated ? mutated(text, changes) : Buffer.from(text);
        const whole = parsed(bytes);
        if (whole === undefined) return;
        const node = nodeOf(bytes);
        const reader = new JsonReader();
        const all = [...within(whole.value)];
        // In one go, and one by one: what is asked for later must not change what is found.
        const slots = all.map(([path]) => reader.slot(path));
        for (const [i, [path, value]] of all.entries()) {
          const slot = slots[i] ?? 0;
          const other = new JsonReader();
          expect([reader.value(node, slot), other.value(node, other.slot(path))]).toEqual([value, value]);
          expect(reader.value(node, slot)).toBe(reader.value(node, slot));
          if (!hasLongNumber(bytes)) expect(reader.text(node, slot)).toBe(shown(value));
          expect(node.at(...path)?.value()).toEqual(value);
          const absent = reader.slot([...path, 'no such key']);
          expect([reader.has(node, absent), reader.value(node, absent)]).toEqual([false, undefined]);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('one reader sees the document that it is asked about, whichever it was asked about before', () => {
    fc.assert(
      fc.property(
        fc.array(documents, { minLength: 2, maxLength: 4 }),
        fc.infiniteStream(fc.nat()),
        (texts, picks) => {
          const reader = new JsonReader();
          const documents = texts.map((text) => ({
            node: nodeOf(Buffer.from(text)),
            value: JSON.parse(text) as Json,
          }));
          const paths = documents.flatMap(({ value }) => [...within(value)].map(([path]) => path));
          for (let i = 0; i < 30; i++) {
            const { node, value } = documents[picks.next().value % documents.length] ?? {
              node: nodeOf(Buffer.from('0')),
              value: 0,
            };
            const path = paths[picks.next().value % paths.length] ?? [];
            const slot = reader.slot(path);
            expect(reader.value(node, slot)).toEqual(
              [...within(value)].find(([other]) => JSON.stringify(other) === JSON.stringify(path))?.[1],
            );
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  test.each([
    ['12345678901234567890', '12345678901234567890'],
    ['-9223372036854775808', '-9223372036854775808'],
    ['{"a": [1234567890123456789, 1.0]}', '{"a":[1234567890123456789,1]}'],
    ['123456789012345678901234567890', '1.2345678901234568e+29'],
    ['1e2', '100'],
    ['"1234567890123456789"', '1234567890123456789'],
  ])('the digits of %s are shown as %s', (text, expected) => {
    expect(new JsonReader().text(nodeOf(Buffer.from(text)), 0)).toBe(expected);
  });

  test('what is said of a failure names the place and what is there', () => {
    expect(JsonNode.parse(Buffer.from('{"a": 1,}'))).toEqual({
      failure: 'at byte 8 there is nothing that JSON could have there: }',
    });
    expect(JsonNode.parse(Buffer.from('{"a": '))).toEqual({ failure: 'it ends too early, after 6 bytes' });
  });

  test('nesting goes as deep as there is memory for', () => {
    const deep = Buffer.from(`${'['.repeat(200_000)}${']'.repeat(200_000)}`);
    expect(measureJson(nodeOf(deep), deep.length)).toBe('too_deep');
    expect(isTaken(deep.subarray(0, -1))).toBe(false);
  });

  test('an item is measured by its own depth, and without the blanks between its values', () => {
    const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
    const [fits, deeper, wide] = nodeOf(
      Buffer.from(`[${nested(200)}, ${nested(201)}, {"a" :  "b \\" c" } ]`),
    ).items();
    expect(fits && measureJson(fits, 10_000)).toBe('fits');
    expect(deeper && measureJson(deeper, 10_000)).toBe('too_deep');
    expect([14, 13].map((limit) => wide && measureJson(wide, limit))).toEqual(['fits', 'too_large']);
  });

  test('texts, keys and blanks of any length end where they end, with anything in any place of them', () => {
    const pieces = fc.constantFrom(
      '"',
      '\\',
      '\\"',
      '\\\\',
      '\\u00e9',
      '\\u00g9',
      '\n',
      '\u0000',
      'é',
      '\u007f',
      '😀',
      ' ',
      '{',
      ',',
    );
    fc.assert(
      fc.property(
        fc.nat(70),
        pieces,
        fc.nat(70),
        fc.constantFrom(' ', '\t', '\n', '\r', '\v'),
        (before, piece, after, blank) => {
          const text = `"${'a'.repeat(before)}${piece}${'b'.repeat(after)}"`;
          const blanks = ' '.repeat(before) + blank + ' '.repeat(after);
          for (const whole of [text, `{${text}:1}`, `[${blanks}1${blanks},${blanks}2]${blanks}`]) {
            const bytes = Buffer.from(whole);
            const expected = parsed(bytes);
            expect(isTaken(bytes)).toBe(expected !== undefined);
            if (expected !== undefined) expect(nodeOf(bytes).value()).toEqual(expected.value);
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test.each([
    ['many values', JSON.stringify(Array.from({ length: 60_000 }, (_, n) => [n]))],
    ['much text', JSON.stringify(['x'.repeat(3_000_000), { key: 'y' }])],
    ['little after much', '[1, {"a": true}]'],
  ])('%s', (_, text) => {
    const items = nodeOf(Buffer.from(text)).items();
    expect(items.map((item) => item.value())).toEqual(JSON.parse(text));
  });

  test('a text that takes much memory leaves nothing behind for the next', () => {
    expect(isTaken(Buffer.alloc(70 << 20, ' ').fill('[1]', 0, 3))).toBe(true);
    expect(isTaken(Buffer.alloc(70 << 20, ' ').fill('[1', 0, 2))).toBe(false);
    expect(nodeOf(Buffer.from('{"a":[1,2]}')).at('a', '1')?.value()).toBe(2);
  });
});
