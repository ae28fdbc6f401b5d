import { describe, expect, test } from 'vitest';
import type { Json, JsonDocument } from '../document.ts';
import { jsonPatched, mergePatched } from './json-patch.ts';
import { strategicPatched } from './strategic-merge.ts';

const jsonCases: readonly [title: string, before: JsonDocument, operations: Json, after: JsonDocument][] = [
  ['add to an object', { a: 1 }, [{ op: 'add', path: '/b', value: 2 }], { a: 1, b: 2 }],
  ['add into a list', { a: [1, 3] }, [{ op: 'add', path: '/a/1', value: 2 }], { a: [1, 2, 3] }],
  ['add at the end', { a: [1] }, [{ op: 'add', path: '/a/-', value: 2 }], { a: [1, 2] }],
  ['remove', { a: 1, b: 2 }, [{ op: 'remove', path: '/a' }], { b: 2 }],
  ['remove from a list', { a: [1, 2] }, [{ op: 'remove', path: '/a/0' }], { a: [2] }],
  ['replace', { a: { b: 1 } }, [{ op: 'replace', path: '/a/b', value: 2 }], { a: { b: 2 } }],
  ['names with slashes', { 'x/y~z': 1 }, [{ op: 'replace', path: '/x~1y~0z', value: 2 }], { 'x/y~z': 2 }],
  ['test that holds', { a: { b: [1] } }, [{ op: 'test', path: '/a', value: { b: [1] } }], { a: { b: [1] } }],
  ['copy', { a: 1 }, [{ op: 'copy', from: '/a', path: '/b' }], { a: 1, b: 1 }],
  ['move', { a: 1 }, [{ op: 'move', from: '/a', path: '/b' }], { b: 1 }],
];

describe('JSON patch', () => {
  test.each(jsonCases)('%s', (_title, before, operations, after) => {
    expect(jsonPatched(before, operations)).toEqual(after);
  });

  test.each<readonly [title: string, operations: Json]>([
    ['a value that differs', [{ op: 'test', path: '/a', value: 2 }]],
    ['nothing to remove', [{ op: 'remove', path: '/none' }]],
    ['nothing to replace', [{ op: 'replace', path: '/none', value: 1 }]],
    ['nowhere to add to', [{ op: 'add', path: '/none/a', value: 1 }]],
    ['a list that is too short', [{ op: 'add', path: '/list/9', value: 1 }]],
    ['an unknown operation', [{ op: 'turn', path: '/a' }]],
    ['no list', { op: 'remove', path: '/a' }],
  ])('is refused: %s', (_title, operations) => {
    expect(() => jsonPatched({ a: 1, list: [] }, operations)).toThrow(/rejected our request/);
  });
});

test('merge patch: null takes away, objects are merged, all else is replaced', () => {
  const before = { a: 1, b: { c: 1, d: 2 }, e: [1, 2] };
  const patch = { a: null, b: { c: null, f: 3 }, e: [9], g: { h: null, i: 1 } };
  expect(mergePatched(before, patch)).toEqual({ b: { d: 2, f: 3 }, e: [9], g: { i: 1 } });
});

const strategicCases: readonly [
  title: string,
  before: JsonDocument,
  patch: JsonDocument,
  after: JsonDocument,
][] = [
  [
    'containers are merged by name, and so is their environment',
    { containers: [{ name: 'a', image: 'x', env: [{ name: 'K', value: '1' }] }, { name: 'b' }] },
    {
      containers: [
        {
          name: 'a',
          env: [
            { name: 'K', value: '2' },
            { name: 'L', value: '3' },
          ],
        },
      ],
    },
    {
      containers: [
        {
          name: 'a',
          image: 'x',
          env: [
            { name: 'K', value: '2' },
            { name: 'L', value: '3' },
          ],
        },
        { name: 'b' },
      ],
    },
  ],
  [
    'taints are merged by key',
    { taints: [{ key: 'a', effect: 'NoSchedule' }] },
    { taints: [{ key: 'b', effect: 'NoExecute' }] },
    {
      taints: [
        { key: 'a', effect: 'NoSchedule' },
        { key: 'b', effect: 'NoExecute' },
      ],
    },
  ],
  [
    'an entry is taken away by what it says',
    { taints: [{ key: 'a' }, { key: 'b' }] },
    { taints: [{ key: 'a', $patch: 'delete' }] },
    { taints: [{ key: 'b' }] },
  ],
  [
    'a list is replaced by what it says',
    { containers: [{ name: 'a' }] },
    { containers: [{ $patch: 'replace' }, { name: 'b' }] },
    { containers: [{ name: 'b' }] },
  ],
  [
    'an object is replaced by what it says',
    { a: { b: 1 } },
    { a: { $patch: 'replace', c: 2 } },
    { a: { c: 2 } },
  ],
  ['plain lists are replaced', { args: ['a'] }, { args: ['b'] }, { args: ['b'] }],
  ['finalizers are added', { finalizers: ['a'] }, { finalizers: ['b', 'a'] }, { finalizers: ['a', 'b'] }],
  [
    'finalizers are taken away by what it says',
    { finalizers: ['a', 'b'] },
    { '$deleteFromPrimitiveList/finalizers': ['a'] },
    { finalizers: ['b'] },
  ],
  ['orders are no part of it', { a: 1 }, { '$setElementOrder/containers': [{ name: 'a' }] }, { a: 1 }],
  ['only some keys are kept', { a: { b: 1, c: 2 } }, { a: { $retainKeys: ['b'] } }, { a: { b: 1 } }],
  ['null takes away', { a: 1, b: 2 }, { a: null }, { b: 2 }],
];

test.each(strategicCases)('strategic merge patch: %s', (_title, before, patch, after) => {
  expect(strategicPatched(before, patch)).toEqual(after);
});
