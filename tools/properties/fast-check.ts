/**
 * fast-check as the tests get it: properties are tried on the same cases in every run, so that a failure is that of
 * the change at hand. `PROPERTY_SEED=random` looks at new cases, `PROPERTY_SEED=<integer>` at those of a failure.
 */

import fc from 'fast-check';

const wish = process.env['PROPERTY_SEED'] ?? '1';
if (wish !== 'random') {
  const seed = Number(wish);
  if (!Number.isInteger(seed)) throw new Error(`PROPERTY_SEED is ${wish}: write an integer, or random`);
  fc.configureGlobal({ seed });
}

export * from 'fast-check';
export default fc;
