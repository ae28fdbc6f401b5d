/** Checked trees: every name resolved, every type known, every constant parsed. What compilers and oracles take. */

import type { ValueType } from '@peregrine/base';
import type { KernelResponse } from '../1-read/items.ts';
import type { Modifier } from '../2-parse/tree.ts';
import type { BoundField } from '../catalogue.ts';
import type { Scalar } from '../value.ts';

export type CheckedCondition<E> =
  | (FromMacro & {
      readonly kind: 'junction';
      readonly operator: 'and' | 'or';
      readonly terms: readonly CheckedCondition<E>[];
    })
  | (FromMacro & { readonly kind: 'not'; readonly term: CheckedCondition<E> })
  | CheckedTest<E>;

interface FromMacro {
  /** Of the macro that it was put in for, for explanations; of several that stand for each other, the outermost. */
  readonly macro?: string | undefined;
}

export interface CheckedTest<E> extends FromMacro {
  readonly kind: 'test';
  readonly left: CheckedOperand<E>;
  /** A symbol of the operator roster, `exists` included; `==` is given as `=`. */
  readonly operator: string;
  readonly modifier: Modifier | undefined;
  readonly right: CheckedRight<E>;
  /** The test as text, for generated code, explanations and sharing: equal text means an equal test. */
  readonly text: string;
}

export type CheckedOperand<E> =
  | { readonly kind: 'field'; readonly field: BoundField<E> }
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly args: readonly CheckedArgument<E>[];
      readonly argument: string | undefined;
      readonly type: ValueType;
      readonly isList: boolean;
      readonly text: string;
    };

export type CheckedArgument<E> =
  | CheckedOperand<E>
  | { readonly kind: 'constant'; readonly value: Scalar }
  | { readonly kind: 'list'; readonly items: readonly CheckedArgument<E>[] };

export type CheckedRight<E> =
  | { readonly kind: 'none' }
  | { readonly kind: 'constants'; readonly values: readonly Constant[] }
  | { readonly kind: 'operand'; readonly operand: CheckedOperand<E> };

/** A constant, parsed for the left side's type. `text` is what the user wrote, as byte text. */
export type Constant =
  | { readonly kind: 'scalar'; readonly value: Scalar; readonly text: string }
  /** An IP network. IPv4: `address` and `mask` unsigned 32-bit. IPv6: 16 bytes of byte text and a prefix length. */
  | { readonly kind: 'net4'; readonly address: number; readonly mask: number; readonly text: string }
  | { readonly kind: 'net6'; readonly address: string; readonly prefixBits: number; readonly text: string };

export type CheckedOutputPart<E> =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'value'; readonly operand: CheckedOperand<E>; readonly widthBytes: number | undefined };

/** A rule that may be run: conditions and outputs checked, event codes derived. */
export interface CheckedRule<E> {
  readonly name: string;
  /** Place in the order of definition; evaluation follows it. */
  readonly index: number;
  readonly source: string;
  /** 0 Emergency to 7 Debug. */
  readonly priority: number;
  /** Sorted, unique. */
  readonly tags: readonly string[];
  readonly isEnabled: boolean;
  readonly description: string;
  /** Condition text after lists were put in, for display. */
  readonly conditionText: string;
  readonly condition: CheckedCondition<E>;
  readonly output: readonly CheckedOutputPart<E>[];
  readonly outputText: string;
  /** Fields beyond the output's, from `append_output`: raw fields and formatted ones. */
  readonly extraFields: readonly ExtraField<E>[];
  readonly eventCodes: ReadonlySet<number>;
  readonly syscalls: ReadonlySet<number>;
  readonly capture: boolean;
  readonly captureDurationMs: number;
  readonly kernelResponse: KernelResponse | undefined;
}

export type ExtraField<E> =
  | { readonly kind: 'field'; readonly name: string; readonly field: BoundField<E> }
  | { readonly kind: 'format'; readonly name: string; readonly parts: readonly CheckedOutputPart<E>[] };
