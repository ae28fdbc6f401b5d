import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeJson } from './encode-json.ts';

test('keeps every digit of an integer', () => {
  expect(encodeJson({ b: 1795247499832730764n, a: [1, null, true] })).toBe(
    '{"b":1795247499832730764,"a":[1,null,true]}',
  );
});

test('sorts keys where asked, at every depth', () => {
  expect(encodeJson({ b: { d: 1, c: 2 }, a: 'x' }, { isSorted: true })).toBe('{"a":"x","b":{"c":2,"d":1}}');
});

test('leaves out members that are absent', () => {
  expect(encodeJson({ a: undefined, b: 1 })).toBe('{"b":1}');
});

test('agrees with JSON.stringify on whatever that can encode', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const plain: unknown = JSON.parse(JSON.stringify(value));
      expect(JSON.parse(encodeJson(value as Parameters<typeof encodeJson>[0]))).toEqual(plain);
    }),
    { numRuns: 200 },
  );
});
