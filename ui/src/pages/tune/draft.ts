/** An exception while it is being made: fields with a comparison, and rows of values. */

import type { Exception } from '@peregrine/api/contract';

export type Draft = Exception;

export function withField(draft: Draft, field: string, value: string, comp = '='): Draft {
  if (draft.fields.includes(field)) return draft;
  return {
    ...draft,
    fields: [...draft.fields, field],
    comps: [...draft.comps, comp],
    values: draft.values.map((row) => [...row, value]),
  };
}

/** The last field stays: an exception about nothing would hide everything. */
export function withoutField(draft: Draft, index: number): Draft {
  if (draft.fields.length < 2) return draft;
  const left = <T>(list: readonly T[]): T[] => list.filter((_, i) => i !== index);
  return {
    ...draft,
    fields: left(draft.fields),
    comps: left(draft.comps),
    values: unique(draft.values.map(left)),
  };
}

export function withComp(draft: Draft, index: number, comp: string): Draft {
  return { ...draft, comps: draft.comps.map((other, i) => (i === index ? comp : other)) };
}

export function withValue(draft: Draft, row: number, index: number, value: string): Draft {
  return {
    ...draft,
    values: draft.values.map((values, i) =>
      i === row ? values.map((old, j) => (j === index ? value : old)) : values,
    ),
  };
}

/** Another row with the same values as the last one, to be changed. */
export function withRow(draft: Draft): Draft {
  const last = draft.values.at(-1);
  return last === undefined ? draft : { ...draft, values: [...draft.values, [...last]] };
}

export function withoutRow(draft: Draft, row: number): Draft {
  return draft.values.length < 2 ? draft : { ...draft, values: draft.values.filter((_, i) => i !== row) };
}

function unique(rows: readonly string[][]): string[][] {
  const byText = new Map(rows.map((row) => [JSON.stringify(row), row]));
  return [...byText.values()];
}

/** What is missing before it can be previewed; `undefined`: nothing. */
export function draftProblem(draft: Draft): string | undefined {
  if (!/^[\w.-]{1,128}$/.test(draft.name)) return 'the name is made of letters, digits, `_`, `-` and `.`';
  if (draft.values.some((row) => row.some((value) => value === ''))) return 'a value is empty';
  return undefined;
}
