/** The values that fields have and rules compare, and their types. */

/**
 * One value. Text is byte text (see base). Integers are `number` within the safe range and `bigint` outside it, never
 * both for one value, so that `===` and `Set` are exact. Buffers are views that hold until the next event.
 */
export type Scalar = string | number | bigint | boolean | Uint8Array;

export type Value = Scalar | readonly Scalar[];
