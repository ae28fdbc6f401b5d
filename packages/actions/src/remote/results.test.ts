import { ExactNumber } from '@peregrine/alert';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { doneWith, MOST_RESULT_BYTES, resultsOf } from './results.ts';

test.each([
  ['', {}],
  [' \n', {}],
  [
    '{"a": 1, "b": {"c": "x", "d": {"e": true}}, "f": [1, {"g": 2}], "h": null}',
    { a: 1, 'b.c': 'x', 'b.d.e': true, f: [1, { g: 2 }], h: null },
  ],
  ['{"n": 1610667584834631763, "x": 0.10}', { n: 1610667584834631763n, x: new ExactNumber('0.10') }],
  ['{"__proto__": {"a": 1}}', { '__proto__.a': 1 }],
  ['"done"', { answer: 'done' }],
  ['[1, 2]', { answer: [1, 2] }],
  ['deleted the pod\n', { answer: 'deleted the pod' }],
  ['{"a": 1} and more', { answer: '{"a": 1} and more' }],
])('%j', (body, results) => {
  expect(resultsOf(body)).toEqual({ results, note: undefined });
});

test('a long answer is left out, and said to be', () => {
  const body = JSON.stringify({ a: 'x'.repeat(MOST_RESULT_BYTES) });
  expect(doneWith('called it', body, { http_status: 200 })).toEqual({
    kind: 'done',
    summary: 'called it; its answer is longer than 64 KiB and was left out',
    results: { http_status: 200 },
  });
});

test('of many values, some are kept', () => {
  const many = JSON.stringify(Object.fromEntries(Array.from({ length: 600 }, (_, i) => [`k${i}`, i])));
  const { results, note } = resultsOf(many);
  expect(Object.keys(results)).toHaveLength(500);
  expect(note).toBe('its answer has 600 values, of which 500 were kept');
});

test('whatever is answered is no trouble', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (body) => {
      const { results } = resultsOf(body);
      expect(Object.getPrototypeOf(results)).toBe(Object.prototype);
    }),
  );
});

test('what was found out about the answer wins over the answer', () => {
  expect(doneWith('called it', '{"http_status": "mine"}', { http_status: 201 })).toMatchObject({
    results: { http_status: 201 },
  });
});
