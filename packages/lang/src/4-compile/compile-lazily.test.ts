import { expect, test } from 'vitest';
import {
  createThread,
  fieldOf,
  ruleOf,
  scalarConstant,
  syntheticSource,
  testOf,
} from '../../testing/synthetic.ts';
import { compileRules } from './compile.ts';

const name = fieldOf({ name: 't.name', type: 'CHARBUF', scope: 'thread' });
const isShell = testOf(name, 'startswith', [scalarConstant('sh')]);
const isListed = testOf(name, 'in', ['a', 'b', 'c', 'd', 'e'].map(scalarConstant));

test('a code’s function is made when its first event arrives, and then takes its place', () => {
  const { byCode } = compileRules([ruleOf(0, isShell, [0, 1])], syntheticSource, { matching: 'all' });
  const thread = createThread({ 't.name': 'sh' });
  const hits = new Int32Array(4);
  const first = byCode[0];
  expect(first?.({ code: 0, thread, values: {} }, hits)).toBe(1);
  expect(byCode[0]).not.toBe(first);
  expect(byCode[1]).toBe(first);
  expect(byCode[0]?.({ code: 0, thread, values: {} }, hits)).toBe(1);
  // Codes that settle the conditions alike share a function.
  expect(byCode[1]?.({ code: 1, thread, values: {} }, hits)).toBe(1);
  expect(byCode[1]).toBe(byCode[0]);
});

test('codes that no rule wants have none', () => {
  const { byCode, sourceOf } = compileRules([ruleOf(0, isShell, [1])], syntheticSource, { matching: 'all' });
  expect(byCode[0]).toBeUndefined();
  expect(sourceOf(0)).toBeUndefined();
});

test('verdicts kept with a thread outlive codes that are compiled later', () => {
  const rules = [
    ruleOf(0, isShell, [0]),
    ruleOf(1, { kind: 'junction', operator: 'or', terms: [isShell, isListed, typeIs(3)] }, [1]),
  ];
  const { byCode } = compileRules(rules, syntheticSource, { matching: 'all' });
  const thread = createThread({ 't.name': 'sh' });
  const hits = new Int32Array(4);
  for (const code of [0, 1, 0, 1]) {
    expect(byCode[code]?.({ code, thread, values: { 'e.number': 3 } }, hits)).toBe(1);
    expect(hits[0]).toBe(code);
  }
  thread.values = { 't.name': 'cat' };
  thread.cache.reset();
  expect(byCode[0]?.({ code: 0, thread, values: {} }, hits)).toBe(0);
  expect(byCode[1]?.({ code: 1, thread, values: { 'e.number': 3 } }, hits)).toBe(1);
  expect(byCode[1]?.({ code: 1, thread, values: { 'e.number': 4 } }, hits)).toBe(0);
});

function typeIs(value: number) {
  const number = fieldOf({ name: 'e.number', type: 'INT64', scope: 'event', cost: 1 });
  return testOf(number, '=', [scalarConstant(value)]);
}
