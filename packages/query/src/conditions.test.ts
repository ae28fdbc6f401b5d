import { encodeAlert, type HubValue } from '@peregrine/alert';
import { expect, test } from 'vitest';
import { compileConditions } from './conditions.ts';

function holds(condition: string, fields: Readonly<Record<string, HubValue>>): boolean {
  const alert = {
    ...{ uuid: 'u', output: 'o', priority: 'Warning' as const, rule: 'r', source: 'syscall' },
    ...{ time: '2026-01-31T00:00:00Z', timeNs: 0n, tags: [], hostname: 'h', fields },
  };
  const compiled = compileConditions([condition]);
  if ('problems' in compiled) throw new Error(compiled.problems[0]?.message);
  return compiled.holding({ ...alert, json: encodeAlert(alert) }).size > 0;
}

const table: readonly (readonly [string, HubValue, boolean])[] = [
  ['a.risk > 7', 10, true],
  ['a.risk > 7', '10', true],
  ['a.risk > 7', 7.5, true],
  ['a.risk > 7', 7, false],
  ['a.risk >= 7', 7, true],
  ['a.risk < 8', 7.5, true],
  ['a.risk <= -1', -2, true],
  ['a.risk > 7', 'high', false],
  ['a.risk > 7', null, false],
  ['a.risk > 7', [1, 8], true],
  ['output_fields.a.risk > 7', 10, true],
  ['not a.risk > 7', 10, false],
  ['a.risk = 10', 10, true],
];
test.each(table)('%s with %s', (condition, value, expected) => {
  expect(holds(condition, { 'a.risk': value })).toBe(expected);
});

test('sizes are compared with whole numbers, as in rules', () => {
  expect(() => holds('a.risk < 7.5', {})).toThrow('`7.5` is not a whole number');
});

test('texts in quotes and priorities stay what they are', () => {
  expect(holds('x.y = "a.risk > 7"', { 'x.y': 'a.risk > 7' })).toBe(true);
  expect(holds('priority >= warning and proc.pid > 9', { 'proc.pid': 10 })).toBe(true);
});

test('whole numbers of fields that are known to be numbers keep all of their digits', () => {
  expect(holds('evt.num > 9007199254740992', { 'evt.num': 9_007_199_254_740_993n })).toBe(true);
});
