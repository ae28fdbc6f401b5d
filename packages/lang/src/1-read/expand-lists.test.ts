/** Lists in condition text: what is replaced, by what, and that looking up words comes to the same as list by list. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CollectedList } from './collect.ts';
import { ListExpander, type Segment } from './expand-lists.ts';
import { SourceFile } from './source-file.ts';
import { createScalar } from './yaml-node.ts';

const file = new SourceFile('rules.yaml', '');
const context = { file, kind: 'list', name: '', start: 0, end: 0, parent: undefined } as const;

function lists(items: Readonly<Record<string, readonly string[]>>): ReadonlyMap<string, CollectedList> {
  return new Map(
    Object.entries(items).map(([name, values], index) => [
      name,
      {
        name,
        context,
        index,
        visibility: index,
        items: values.map((value) => createScalar(value, 'plain', 0, 0)),
        lastFile: file,
      },
    ]),
  );
}

function expand(text: string, items: Readonly<Record<string, readonly string[]>>): string | undefined {
  return new ListExpander(lists(items)).expand(text);
}

describe('ListExpander', () => {
  const known = { a: ['x', 'y z'], none: [], b: ['a', 'w'], c: ['b'] };
  test.each([
    ['p in (a)', 'p in ( x, "y z" )'],
    ['p in (  a  )', 'p in ( x, "y z" )'],
    ['a', 'x, "y z" '],
    ['p in (none)', 'p in (  )'],
    ['p in (q, none)', 'p in (q  )'],
    ['p in (none, q)', 'p in (   q)'],
    ['p in (b)', 'p in ( x, "y z", w )'],
    ['p in (c)', 'p in ( a, w )'],
    ['p = "q a r"', 'p = "q x, "y z" r"'],
    ['p=a', 'p= x, "y z" '],
    ['aa a.b', 'aa a.b'],
  ])('%s', (text, expanded) => {
    expect(expand(text, known)).toBe(expanded);
  });

  test('lists apply in their order: a later one sees what an earlier one put in', () => {
    expect(expand('p in (first)', { first: ['second'], second: ['x'] })).toBe('p in ( x )');
    expect(expand('p in (second)', { first: ['x'], second: ['f'], f: ['first'] })).toBe('p in ( x )');
  });

  test('of two empty lists side by side the first defined takes its comma first', () => {
    const empty = { d: [], b: [] };
    expect(expand('b d,,', empty)?.trim()).toBe('');
    expect(expand('b d,,', { ...empty, 'never used': ['x'] })?.trim()).toBe('');
  });

  test('names with blanks are found as well', () => {
    expect(expand('p in (two words)', { 'two words': ['x'] })).toBe('p in ( x )');
  });

  test('segments lead back to where the text was written', () => {
    const segments: Segment[] = [];
    const text = 'p in (a) and q';
    const expanded = new ListExpander(lists(known)).expand(text, segments) ?? '';
    const at = expanded.indexOf('and');
    const segment = segments.findLast(({ start }) => start <= at);
    expect(segment?.isExact).toBe(true);
    expect(text.slice((segment?.from ?? 0) + at - (segment?.start ?? 0))).toBe(expanded.slice(at));
    expect(segments.find(({ isExact }) => !isExact)?.from).toBe(6);
  });

  test('bombs are refused, long lists are fast', () => {
    const bomb: Record<string, readonly string[]> = {};
    for (let i = 0; i < 60; i++) bomb[`l${i}`] = [`l${i + 1}`, `l${i + 1}`];
    bomb.l60 = ['0123456789'];
    expect(expand('p in (l0)', bomb)).toBeUndefined();
    const long = Array.from({ length: 100_000 }, (_, i) => `item-${i}`);
    expect(expand('p in (long)', { long })?.length).toBeGreaterThan(1_000_000);
  });

  test('words come to the same as list by list', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd');
    const item = fc.oneof(name, fc.constantFrom('x', 'y z', '1', 'a b'));
    const some = fc.dictionary(name, fc.array(item, { maxLength: 3 }), { maxKeys: 4 });
    const text = fc
      .array(fc.oneof(name, fc.constantFrom('(', ')', ',', ', ', ' ', '=', '"', 'x', 'in')), {
        maxLength: 12,
      })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(some, text, (items, condition) => {
        const byWord = expand(condition, items);
        // A name with a blank in it makes the expander go list by list.
        const oneByOne = expand(condition, { ...items, 'never used': ['x'] });
        const squeeze = (one: string | undefined): string | undefined =>
          one?.replace(/\s*([\s,()=])\s*/g, '$1').trim();
        expect(squeeze(byWord)).toBe(squeeze(oneByOne));
      }),
      { numRuns: 3000 },
    );
  });
});
