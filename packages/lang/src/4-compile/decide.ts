/** Tests whose verdict is settled by the event's code alone: its name, its number (which counts from 1), no constants. */

import type { CheckedTest } from '../3-check/checked.ts';
import type { Source } from '../catalogue.ts';
import type { Scalar } from '../value.ts';
import { plainFieldOf } from './prepare-test.ts';

/** `undefined` for tests that no code settles. */
export type Decider<E> = (test: CheckedTest<E>) => ((code: number) => boolean | undefined) | undefined;

/** The verdict a test has on every event of the code; `undefined` where events of that code differ. */
export function createDecider<E>(source: Source<E>): Decider<E> {
  const nameCounts = nameCountsOf(source);
  const codesByName = new Map<Scalar, ReadonlySet<number> | undefined>();
  const codesOf = (name: Scalar): ReadonlySet<number> | undefined => {
    if (!codesByName.has(name)) {
      const codes = typeof name === 'string' ? source.eventCodesOf(name) : undefined;
      codesByName.set(name, codes === undefined ? undefined : new Set(codes));
    }
    return codesByName.get(name);
  };
  const isNamed = (name: Scalar, code: number): boolean | undefined => {
    const codes = codesOf(name);
    if (codes === undefined) return undefined;
    if (!codes.has(code)) return false;
    return nameCounts[code] === 1 ? true : undefined;
  };
  return (test) => {
    const { operator, right } = test;
    if (right.kind !== 'constants') return undefined;
    if (right.values.length === 0 && ownCompareOf(test) === undefined) return () => false;
    const field = plainFieldOf(test);
    if (field === undefined || test.modifier !== undefined) return undefined;
    const values = right.values.map((constant) => (constant.kind === 'scalar' ? constant.value : undefined));
    if (field.text === 'evt.type') {
      return (code) => decideType(operator, values, (name) => isNamed(name, code));
    }
    if (field.text !== 'evt.num') return undefined;
    const verdict = decideNumber(operator, values);
    return verdict === undefined ? undefined : () => verdict;
  };
}

function ownCompareOf<E>(test: CheckedTest<E>): unknown {
  return test.left.kind === 'field' ? test.left.field.compare : undefined;
}

/** How many names events of each code can have. Asynchronous events bring their own: their number is not known. */
function nameCountsOf<E>(source: Source<E>): Uint16Array {
  const counts = new Uint16Array(source.eventCodeCount);
  for (const name of source.eventNames) {
    for (const code of new Set(source.eventCodesOf(name))) counts[code] = (counts[code] ?? 0) + 1;
  }
  for (const code of source.alwaysCodes) counts[code] = 2;
  return counts;
}

function decideType(
  operator: string,
  names: readonly (Scalar | undefined)[],
  isNamed: (name: Scalar) => boolean | undefined,
): boolean | undefined {
  if (names.length === 0) return false;
  const verdicts = names.map((name) => (name === undefined ? undefined : isNamed(name)));
  switch (operator) {
    case '=':
      return verdicts[0];
    case '!=':
      return verdicts[0] === undefined ? undefined : !verdicts[0];
    case 'in':
    case 'intersects':
      if (verdicts.includes(true)) return true;
      return verdicts.includes(undefined) ? undefined : false;
    default:
      return undefined;
  }
}

function isNumber(value: Scalar | undefined): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

function decideNumber(operator: string, values: readonly (Scalar | undefined)[]): boolean | undefined {
  if (!values.every(isNumber)) return undefined;
  const [bound] = values;
  if (bound === undefined) return false;
  const isBelowAll = values.every((value) => value < 1);
  switch (operator) {
    case '=':
    case 'in':
    case 'intersects':
    case '<=':
      return isBelowAll ? false : undefined;
    case '<':
      return bound <= 1 ? false : undefined;
    case '!=':
    case '>':
      return isBelowAll ? true : undefined;
    case '>=':
      return bound <= 1 ? true : undefined;
    default:
      return undefined;
  }
}
