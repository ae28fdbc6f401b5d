/** What a transformer declares: a function that conditions and outputs may apply to a field. */

import type { ValueType } from '@peregrine/base';
import type { Value } from '../value.ts';

/** The static side of a value. */
export interface Shape {
  readonly type: ValueType;
  readonly isList: boolean;
}

export interface TransformerArgument {
  readonly name: string;
  /** What may stand here, in words. */
  readonly doc: string;
  readonly accepts: (shape: Shape) => boolean;
  /** Whether `( ... )`, a list written out, may stand here. */
  readonly takesLiteralList: boolean;
  /** Whether a constant may stand here; text is a CHARBUF, a number is rendered to text. */
  readonly takesConstant: boolean;
  /** Whether values that are not text come as the text that outputs would show. */
  readonly isRendered: boolean;
  /** Whether `accepts` is asked of the field innermost in a nested call, not of the call's result. */
  readonly isCheckedInside: boolean;
}

export interface Transformer {
  readonly name: string;
  readonly doc: string;
  readonly args: readonly TransformerArgument[];
  /** The last argument may be given more than once. */
  readonly isLastRepeated: boolean;
  /** Whether `[x]` may follow the call. */
  readonly selector: 'none' | 'optional';
  /** Type and list-ness of the result, from those of the arguments. */
  readonly result: (args: readonly Shape[], hasSelector: boolean) => Shape;
  /** `undefined`: no value, and the comparison is false. Arguments are never missing. */
  readonly apply: (args: readonly Value[], selector: string | undefined) => Value | undefined;
  /** Documentation and test in one: arguments and result. */
  readonly examples: readonly TransformerExample[];
}

export interface TransformerExample {
  readonly args: readonly Value[];
  readonly selector?: string;
  readonly result: Value | undefined;
}
