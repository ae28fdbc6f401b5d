import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyCondition, anyEventValues, anyThreadValues } from '../../testing/arbitraries.ts';
import {
  createThread,
  eventNames,
  ruleOf,
  type SyntheticEvent,
  syntheticSource,
} from '../../testing/synthetic.ts';
import type { CheckedRule } from '../3-check/checked.ts';
import { compileRules } from './compile.ts';
import { evaluate } from './oracle.ts';

const codes = [...eventNames.keys()];

const anyRules: fc.Arbitrary<readonly CheckedRule<SyntheticEvent>[]> = fc
  .array(fc.tuple(anyCondition, fc.subarray(codes, { minLength: 1 })), { minLength: 1, maxLength: 40 })
  .map((rules) => rules.map(([condition, wanted], i) => ruleOf(i, condition, wanted)));

/** Events of a few threads; now and then a thread gets other values first. */
const anyEvents = fc.array(
  fc.record({
    code: fc.constantFrom(...codes),
    thread: fc.integer({ min: -1, max: 2 }),
    isOther: fc.boolean(),
    values: anyEventValues,
    change: fc.option(anyThreadValues, { nil: undefined, freq: 3 }),
  }),
  { minLength: 1, maxLength: 30 },
);

function expectAgreement(
  rules: readonly CheckedRule<SyntheticEvent>[],
  steps: readonly (typeof anyEvents extends fc.Arbitrary<readonly (infer T)[]> ? T : never)[],
): void {
  const threads = [0, 1, 2].map(() => createThread({}));
  const all = compileRules(rules, syntheticSource, { matching: 'all' });
  const first = compileRules(rules, syntheticSource, { matching: 'first' });
  const hits = new Int32Array(64);
  for (const step of steps) {
    const thread = threads[step.thread];
    if (thread !== undefined && step.change !== undefined) {
      thread.values = step.change;
      thread.cache.reset();
    }
    const name = step.code === 4 && step.isOther ? 'other' : undefined;
    const event = { code: step.code, thread, values: { ...step.values, 'evt.type': name } };
    const wanted = rules.flatMap((rule, i) =>
      rule.eventCodes.has(event.code) && evaluate(rule.condition, event) ? [i] : [],
    );
    const count = all.byCode[event.code]?.(event, hits) ?? 0;
    expect([...hits.subarray(0, count)]).toEqual(wanted);
    const firstCount = first.byCode[event.code]?.(event, hits) ?? 0;
    expect([...hits.subarray(0, firstCount)]).toEqual(wanted.slice(0, 1));
  }
}

test('compiled rules agree with the oracle', { timeout: 60_000 }, () => {
  fc.assert(fc.property(anyRules, anyEvents, expectAgreement), { numRuns: 300 });
});
