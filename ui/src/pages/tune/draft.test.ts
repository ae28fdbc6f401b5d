import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Draft,
  draftProblem,
  withComp,
  withField,
  withoutField,
  withoutRow,
  withRow,
  withValue,
} from './draft.ts';

const draft: Draft = {
  name: 'x',
  fields: ['a', 'b'],
  comps: ['=', 'in'],
  values: [
    ['1', '2'],
    ['1', '3'],
  ],
};

describe('a draft', () => {
  test.each<[string, Draft, Partial<Draft>]>([
    [
      'a field more',
      withField(draft, 'c', '9'),
      {
        fields: ['a', 'b', 'c'],
        comps: ['=', 'in', '='],
        values: [
          ['1', '2', '9'],
          ['1', '3', '9'],
        ],
      },
    ],
    ['a field that is there', withField(draft, 'a', '9'), draft],
    [
      'a field less, and rows that are the same then',
      withoutField(draft, 1),
      { fields: ['a'], comps: ['='], values: [['1']] },
    ],
    ['never none', withoutField(withoutField(draft, 1), 0), { fields: ['a'] }],
    ['another comparison', withComp(draft, 0, 'contains'), { comps: ['contains', 'in'] }],
    [
      'another value',
      withValue(draft, 1, 0, 'z'),
      {
        values: [
          ['1', '2'],
          ['z', '3'],
        ],
      },
    ],
    [
      'a row more',
      withRow(draft),
      {
        values: [
          ['1', '2'],
          ['1', '3'],
          ['1', '3'],
        ],
      },
    ],
    ['a row less', withoutRow(draft, 0), { values: [['1', '3']] }],
    ['never no row', withoutRow(withoutRow(draft, 0), 0), { values: [['1', '3']] }],
  ])('%s', (_, changed, expected) => {
    expect(changed).toMatchObject(expected);
  });

  test('says what is missing', () => {
    expect(draftProblem(draft)).toBeUndefined();
    expect(draftProblem({ ...draft, name: 'a b' })).toContain('name');
    expect(draftProblem(withValue(draft, 0, 0, ''))).toBe('a value is empty');
  });

  test('keeps as many comparisons and values as fields, whatever is done', () => {
    const step = fc.constantFrom<(one: Draft, n: number) => Draft>(
      (one, n) => withField(one, `f${n}`, 'v'),
      withoutField,
      withoutRow,
      (one) => (one.values.length < 20 ? withRow(one) : one),
      (one, n) => withComp(one, n, 'in'),
      (one, n) => withValue(one, n, n, 'w'),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(step, fc.nat(5)), { maxLength: 40 }), (steps) => {
        const made = steps.reduce((one, [act, n]) => act(one, n), draft);
        expect(made.fields.length).toBeGreaterThan(0);
        expect(made.comps.length).toBe(made.fields.length);
        expect(made.values.length).toBeGreaterThan(0);
        for (const row of made.values) expect(row.length).toBe(made.fields.length);
      }),
    );
  });
});
