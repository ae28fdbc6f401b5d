import { expect, test } from 'vitest';
import { mapNode, scalarNode } from './config-node.ts';
import { duration, parsedText, readTree, schema } from './schema.ts';

const sample = schema({
  pause: duration({ default: '10s', min: 1_000, max: 60_000, doc: 'A pause.' }),
  even: parsedText({ doc: 'An even number.', type: 'even number', default: '2' }, (text) =>
    Number(text) % 2 === 0 ? { value: Number(text) } : { why: 'it is odd' },
  ),
});

test('defaults are written as values are', () => {
  expect(readTree(sample, mapNode()).value).toEqual({ pause: 10_000, even: 2 });
  expect(sample.keys.pause.defaultText).toBe('10s');
});

test.each([
  ['pause', '1500ms', 1_500],
  ['pause', '1m', 60_000],
  ['even', '4', 4],
])('%s: %s', (key, written, value) => {
  expect(readTree(sample, mapNode([[key, scalarNode(written)]])).value).toMatchObject({ [key]: value });
});

test.each([
  ['pause', '10', '`pause` is `10`: a number and a unit are wanted, such as `10s` or `1h30m`'],
  ['pause', '1ms', '`pause` is `1ms`: at least 1000 ms are wanted'],
  ['pause', '2m', '`pause` is `2m`: at most 60000 ms are wanted'],
  ['even', '3', '`even` is `3`: it is odd'],
])('%s: %s is refused', (key, written, message) => {
  expect(readTree(sample, mapNode([[key, scalarNode(written)]])).diagnostics).toMatchObject([
    { code: 'bad-value', message },
  ]);
});

test('a default that cannot be read is a bug', () => {
  expect(() => parsedText({ doc: '', type: '', default: 'x' }, () => ({ why: 'no' }))).toThrow('`x`: no');
});

test('a text that may hold a password is not shown', () => {
  const of = schema({
    broker: parsedText({ doc: '', type: 'address', isSecret: true }, () => ({ why: 'it is none' })),
  });
  expect(readTree(of, mapNode([['broker', scalarNode('x://a:hush@b')]])).diagnostics).toMatchObject([
    { message: '`broker` is `***`: it is none' },
  ]);
});
