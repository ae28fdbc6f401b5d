/** The distinct tests of a set of rules, with what planning needs to know of each. */

import type { CheckedTest } from '../3-check/checked.ts';
import type { BoundField } from '../catalogue.ts';
import { familyOf } from '../operators/type-families.ts';
import { fieldsOfOperand } from './operand.ts';
import { plainFieldOf } from './prepare-test.ts';

export interface TestEntry<E> {
  readonly id: number;
  readonly test: CheckedTest<E>;
  /** The one field that decides the test, where its value can be read apart from the comparison. */
  readonly field: BoundField<E> | undefined;
  /** Depends on the event's thread only, or on nothing. */
  readonly isOfThread: boolean;
  /** Of the comparison alone, rough nanoseconds. */
  readonly compareCost: number;
  /** Reading and comparison. */
  readonly cost: number;
}

const costBySymbol: Readonly<Record<string, number>> = {
  '=': 2,
  '!=': 2,
  '<': 2,
  '<=': 2,
  '>': 2,
  '>=': 2,
  exists: 1,
  in: 8,
  intersects: 8,
  startswith: 6,
  endswith: 6,
  contains: 15,
  icontains: 60,
  glob: 30,
  iglob: 80,
  pmatch: 80,
  regex: 250,
};

export class TestTable<E> {
  readonly #idByText = new Map<string, number>();
  readonly #entries: TestEntry<E>[] = [];

  /** The number of the test; equal text is an equal test. */
  idOf(test: CheckedTest<E>): number {
    const known = this.#idByText.get(test.text);
    if (known !== undefined) return known;
    const id = this.#entries.length;
    this.#idByText.set(test.text, id);
    this.#entries.push(entryOf(id, test));
    return id;
  }

  entry(id: number): TestEntry<E> {
    const entry = this.#entries[id];
    if (entry === undefined) throw new Error(`no test has the number ${id}`);
    return entry;
  }

  get entries(): readonly TestEntry<E>[] {
    return this.#entries;
  }
}

function entryOf<E>(id: number, test: CheckedTest<E>): TestEntry<E> {
  const fields = [
    ...fieldsOfOperand(test.left),
    ...(test.right.kind === 'operand' ? fieldsOfOperand(test.right.operand) : []),
  ];
  const compareCost = compareCostOf(test);
  return {
    id,
    test,
    field: plainFieldOf(test),
    isOfThread: fields.every((field) => field.scope !== 'event'),
    compareCost,
    cost: fields.reduce((sum, field) => sum + field.cost, compareCost),
  };
}

function compareCostOf<E>(test: CheckedTest<E>): number {
  const one = costBySymbol[test.operator] ?? 20;
  const calls = test.left.kind === 'call' || test.right.kind === 'operand' ? 100 : 0;
  const count = test.modifier !== undefined && test.right.kind === 'constants' ? test.right.values.length : 1;
  return one * count + calls;
}

/** Whether a field's values are text, so that they can be keys of a memo. */
export function isTextField<E>(field: BoundField<E>): boolean {
  return familyOf(field.type) === 'text' && !field.isList;
}
