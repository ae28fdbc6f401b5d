/** Reading constants and scalars in the form that an operator compares. HOT: `byteTextOf` on buffers allocates. */

import type { Constant } from '../3-check/checked.ts';
import type { Scalar } from '../value.ts';

/** Text and buffers as byte text; other scalars as their decimal or word. */
export function byteTextOf(value: Scalar): string {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) {
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1');
  }
  return String(value);
}

export function scalarsEqual(left: Scalar, right: Scalar): boolean {
  if (left instanceof Uint8Array || right instanceof Uint8Array)
    return byteTextOf(left) === byteTextOf(right);
  return left === right;
}

/** The constant as text operators take it. */
export function textOf(constant: Constant): string {
  return constant.kind === 'scalar' ? byteTextOf(constant.value) : constant.text;
}

export function never(): boolean {
  return false;
}
