import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Encodable, encodeJson, ReadyJson } from './encode-json.ts';
import { ExactNumber, exactNumber } from './exact-number.ts';
import { parseJson } from './parse-json.ts';

function parsed(text: string): unknown {
  const result = parseJson(text);
  return 'problem' in result ? `! ${result.problem} at ${result.at}` : result.value;
}

test.each([
  ['1610667584834631763', 1610667584834631763n],
  ['-9007199254740993', -9007199254740993n],
  ['9007199254740991', 9007199254740991],
  ['42', 42],
  ['-1', -1],
  ['0', 0],
  ['1.5', 1.5],
  ['1.10', new ExactNumber('1.10')],
  ['-0', new ExactNumber('-0')],
  ['1e400', new ExactNumber('1e400')],
  ['1E3', new ExactNumber('1E3')],
  ['0.1234567890123456789', new ExactNumber('0.1234567890123456789')],
])('the number %s keeps its digits', (text, value) => {
  expect(parsed(text)).toEqual(value);
  expect(encodeJson(exactNumber(text))).toBe(text);
});

test.each([
  ['', '! a value is wanted at 0'],
  ['01', 0],
  ['+1', '! a value is wanted at 0'],
  ['.5', '! a value is wanted at 0'],
  ['tru', '! a value is wanted at 0'],
  ['"a', '! a text is not closed at 0'],
  ['"a\\"', '! a text is not closed at 0'],
  ['"a\\x"', '! a text is not valid at 0'],
  ['"a\nb"', '! a text has a control character at 0'],
  ['"a\\t\nb"', '! a text is not valid at 0'],
  ['{a:1}', '! a key is wanted at 1'],
  ['{"a" 1}', '! a colon is wanted at 5'],
  ['{"a":1', '! a comma or a closing brace is wanted at 6'],
  ['{"a":1,}', '! a key is wanted at 7'],
  ['[1 2]', '! a comma or a closing bracket is wanted at 3'],
  ['[1,]', '! a value is wanted at 3'],
  ['['.repeat(200), '! values are nested too deeply at 101'],
])('%s', (text, expected) => {
  expect(parsed(text)).toEqual(expected);
});

test('what follows the first value is left', () => {
  expect(parseJson(' {"a":1} {"b":2}', 0)).toEqual({ value: { a: 1 }, end: 8 });
  expect(parseJson(' {"a":1} {"b":2}', 8)).toEqual({ value: { b: 2 }, end: 16 });
});

test('keys that JavaScript knows are keys like others', () => {
  const result = parseJson('{"__proto__":{"x":1},"constructor":2}');
  const value = 'value' in result ? result.value : undefined;
  expect(Object.keys(value ?? {})).toEqual(['__proto__', 'constructor']);
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  expect(value).not.toHaveProperty('x');
});

test('agrees with JSON.parse, on what is JSON and on what is not', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.json(),
        fc.string(),
        fc.json().map((text) => text.slice(0, -1)),
      ),
      (text) => {
        let expected: unknown;
        try {
          expected = JSON.parse(text);
        } catch {
          const result = parseJson(text);
          // Ours stops after the first value.
          if ('value' in result) expect(() => JSON.parse(text.slice(0, result.end))).not.toThrow();
          return;
        }
        const result = parseJson(text);
        if ('problem' in result) throw new Error(`${text}: ${result.problem}`);
        expect(JSON.parse(encodeJson(result.value))).toEqual(expected);
      },
    ),
    { numRuns: 2_000 },
  );
});

test('encoding is undone by parsing', () => {
  const value = fc.letrec<{ value: Encodable }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.string({ unit: 'binary' }),
      fc.integer(),
      fc.bigInt({ min: 2n ** 53n }),
      fc.boolean(),
      fc.constant(null),
      fc.double({ noNaN: true, noDefaultInfinity: true }).filter((number) => !Object.is(number, -0)),
      fc.array(tie('value')),
      fc.dictionary(fc.string(), tie('value')),
    ),
  })).value;
  fc.assert(
    fc.property(value, (sample) => {
      const text = encodeJson(sample);
      const result = parseJson(text);
      expect('value' in result && encodeJson(result.value)).toBe(text);
      expect(text).not.toMatch(/[<>&\u2028\u2029\n]/);
    }),
  );
});

test('what is left out, what is ready, and what is not well formed', () => {
  expect(encodeJson({ a: undefined, b: [undefined], c: Number.NaN, d: new ReadyJson('{"x":1.10}') })).toBe(
    '{"b":[null],"c":null,"d":{"x":1.10}}',
  );
  expect(encodeJson('<a&b>\ud800\u2028')).toBe('"\\u003ca\\u0026b\\u003e\ufffd\\u2028"');
});
