/** What an operator declares; one file for each family, listed in `roster.ts`. */

import type { ValueType } from '@peregrine/base';
import type { Constant } from '../3-check/checked.ts';
import type { Scalar } from '../value.ts';

/** Groups of value types that operators distinguish (see the compatibility table in the reference docs). */
export type TypeFamily = 'integer' | 'double' | 'bool' | 'address' | 'net' | 'text' | 'bytes' | 'none';

export interface Operator {
  readonly symbol: string;
  readonly doc: string;
  /** Families that may stand left of it, one value at a time. */
  readonly families: readonly TypeFamily[];
  /** Whether list fields may stand left of it. */
  readonly takesLists: boolean;
  /** `none`: exists. `one`: one constant, or several with a modifier. `list`: a list of constants. */
  readonly right: 'none' | 'one' | 'list';
  /** Whether a modifier (`oneof`, `anyof`, `allof`) may follow. */
  readonly takesModifier: boolean;
  /** Whether a field or a call may stand right of it. */
  readonly takesOperand: boolean;
  /** Documentation and test in one: left value and constants for which it holds, and for which it does not. */
  readonly holds: readonly (readonly [left: Scalar, ...right: string[]])[];
  readonly fails: readonly (readonly [left: Scalar, ...right: string[]])[];
  /** Whether the constant can be used at all (a regular expression that parses, an even-length hex string). */
  readonly refuses?: (constant: string) => string | undefined;
  /** Runs once for each test at load; what it returns runs for each event. `left` is never `undefined`. HOT. */
  prepare(constants: readonly Constant[], type: ValueType): (left: Scalar) => boolean;
  /** The same between two values of one event; absent where `takesOperand` is false. */
  readonly compareValues?: (left: Scalar, right: Scalar) => boolean;
}
