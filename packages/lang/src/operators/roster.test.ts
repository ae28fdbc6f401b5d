import { toByteText, type ValueType } from '@peregrine/base';
import { describe, expect, test } from 'vitest';
import type { Constant } from '../3-check/checked.ts';
import type { Scalar } from '../value.ts';
import type { Operator } from './operator.ts';
import { operatorRoster } from './roster.ts';

function typeOf(left: Scalar): ValueType {
  if (typeof left === 'boolean') return 'BOOL';
  return typeof left === 'string' ? 'CHARBUF' : 'INT64';
}

function constantFor(left: Scalar, text: string): Constant {
  if (typeof left === 'boolean') return { kind: 'scalar', value: text === 'true', text };
  if (typeof left === 'number') return { kind: 'scalar', value: Number(text), text };
  return { kind: 'scalar', value: text, text };
}

function casesOf(examples: Operator['holds']): { left: Scalar; right: string[] }[] {
  return examples.map(([left, ...right]) => ({ left, right }));
}

describe.each(operatorRoster)('$symbol', (operator) => {
  test('is documented by what it holds for', () => {
    expect(operator.doc).toMatch(/^[A-Z].*\.$/);
    expect(operator.holds).not.toHaveLength(0);
  });

  test.each(casesOf(operator.holds))('holds: $left $right', ({ left, right }) => {
    const constants = right.map((text) => constantFor(left, text));
    expect(operator.prepare(constants, typeOf(left))(left)).toBe(true);
  });

  test.each(casesOf(operator.fails))('fails: $left $right', ({ left, right }) => {
    const constants = right.map((text) => constantFor(left, text));
    expect(operator.prepare(constants, typeOf(left))(left)).toBe(false);
  });

  test('compares two values as it compares a value and a constant', () => {
    const { compareValues } = operator;
    expect(compareValues !== undefined).toBe(operator.takesOperand);
    if (compareValues === undefined || operator.families[0] === 'bytes') return;
    for (const [cases, verdict] of [
      [operator.holds, true],
      [operator.fails, false],
    ] as const) {
      for (const [left, ...right] of cases) {
        const constants = right.map((text) => constantFor(left, text));
        const any = constants.some((c) => c.kind === 'scalar' && compareValues(left, c.value));
        expect([left, right, any]).toEqual([left, right, verdict]);
      }
    }
  });
});

test('no operator matches without constants, but exists', () => {
  for (const operator of operatorRoster) {
    expect([operator.symbol, operator.prepare([], 'CHARBUF')(toByteText('é'))]).toEqual([
      operator.symbol,
      operator.symbol === 'exists',
    ]);
  }
});

test('bcontains takes pairs of hex digits only', () => {
  const bcontains = operatorRoster.find((operator) => operator.symbol === 'bcontains');
  expect(bcontains?.refuses?.('cafe')).toBeUndefined();
  expect(bcontains?.refuses?.('caf')).toContain('hex');
  expect(bcontains?.refuses?.('xyzt')).toContain('hex');
});
