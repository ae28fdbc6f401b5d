import { type ConfigNode, mapNode, plainOf, scalarNode } from '@peregrine/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { getAt, parseKeyPath, setAt } from './key-path.ts';

function set(root: ConfigNode | undefined, path: string, value: string): ConfigNode {
  const steps = parseKeyPath(path);
  if (typeof steps === 'string') throw new Error(steps);
  const changed = setAt(root, steps, scalarNode(value));
  if (typeof changed === 'string') throw new Error(changed);
  return changed;
}

describe('setting', () => {
  test.each([
    ['a', { a: 'v' }],
    ['a.b', { a: { b: 'v' } }],
    ['a[0]', { a: ['v'] }],
    ['a[]', { a: ['v'] }],
    ['a[2]', { a: [null, null, 'v'] }],
    ['a[0].b', { a: [{ b: 'v' }] }],
    ['a[0][1]', { a: [[null, 'v']] }],
    ['rules[].disable.rule', { rules: [{ disable: { rule: 'v' } }] }],
    ['a\\.b', { 'a.b': 'v' }],
    ['a\\[0\\]', { 'a[0]': 'v' }],
    ['a\\\\', { 'a\\': 'v' }],
  ])('%s', (path, expected) => {
    expect(plainOf(set(undefined, path, 'v'))).toEqual(expected);
  });

  test('keeps the rest and appends', () => {
    let root: ConfigNode = mapNode([['x', scalarNode('1')]]);
    root = set(root, 'list[]', 'a');
    root = set(root, 'list[]', 'b');
    root = set(root, 'list[0]', 'c');
    root = set(root, 'x', '2');
    expect(plainOf(root)).toEqual({ x: '2', list: ['c', 'b'] });
  });

  test('replaces what is of another kind', () => {
    expect(plainOf(set(mapNode([['x', scalarNode('1')]]), 'x.y', '2'))).toEqual({ x: { y: '2' } });
  });
});

test.each(['', '.', 'a.', '.a', 'a..b', 'a[', 'a]', 'a[x]', 'a[-1]', '[0]', 'a[0]b', 'a[0].'])(
  '%j is refused',
  (path) => {
    expect(parseKeyPath(path)).toBeTypeOf('string');
  },
);

test('a list does not grow without end', () => {
  const steps = parseKeyPath('a[999999]');
  expect(typeof steps !== 'string' && setAt(undefined, steps, scalarNode('v'))).toBeTypeOf('string');
});

test('what was set is found', () => {
  const name = fc.string({ minLength: 1, maxLength: 6 });
  const step = fc.oneof(
    name.map((text) => ({ text: `.${text.replace(/[.[\]\\]/g, '\\$&')}` })),
    fc.nat({ max: 5 }).map((index) => ({ text: `[${index}]` })),
  );
  fc.assert(
    fc.property(name, fc.array(step, { maxLength: 5 }), (first, rest) => {
      const path = first.replace(/[.[\]\\]/g, '\\$&') + rest.map(({ text }) => text).join('');
      const steps = parseKeyPath(path);
      if (typeof steps === 'string') throw new Error(`${path}: ${steps}`);
      expect(getAt(set(undefined, path, 'v'), steps)).toMatchObject({ text: 'v' });
    }),
  );
});
