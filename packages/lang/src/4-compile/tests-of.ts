/** Reading conditions: which tests are in them. */

import type { CheckedCondition, CheckedTest } from '../3-check/checked.ts';

/** Every test of a condition, in source order, repeats included. */
export function testsOf<E>(condition: CheckedCondition<E>): readonly CheckedTest<E>[] {
  switch (condition.kind) {
    case 'junction':
      return condition.terms.flatMap(testsOf);
    case 'not':
      return testsOf(condition.term);
    case 'test':
      return [condition];
  }
}
