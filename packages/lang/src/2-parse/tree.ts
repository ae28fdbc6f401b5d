/** Trees of condition text. Offsets are into that text, in UTF-16 units, end exclusive. */

export interface TextSpan {
  readonly start: number;
  readonly end: number;
}

export type Condition =
  | {
      readonly kind: 'junction';
      readonly operator: 'and' | 'or';
      readonly terms: readonly Condition[];
      readonly span: TextSpan;
    }
  | { readonly kind: 'not'; readonly term: Condition; readonly span: TextSpan }
  | { readonly kind: 'macro'; readonly name: string; readonly span: TextSpan }
  | { readonly kind: 'exists'; readonly left: Operand; readonly span: TextSpan }
  | Compare;

export type Modifier = 'oneof' | 'allof' | 'anyof';

export interface Compare {
  readonly kind: 'compare';
  readonly left: Operand;
  readonly operator: string;
  readonly modifier: Modifier | undefined;
  readonly right: Right;
  readonly span: TextSpan;
}

/** A field or a transformer call: what may stand left of an operator. */
export type Operand = FieldReference | Call;

export interface FieldReference {
  readonly kind: 'field';
  readonly name: string;
  readonly argument: string | undefined;
  readonly span: TextSpan;
}

export interface Call {
  readonly kind: 'call';
  readonly name: string;
  readonly args: readonly CallArgument[];
  /** `getopt(...)[c]` */
  readonly argument: string | undefined;
  readonly span: TextSpan;
}

export type CallArgument =
  | Operand
  | { readonly kind: 'text'; readonly value: string; readonly isNumber: boolean; readonly span: TextSpan }
  | { readonly kind: 'list'; readonly items: readonly CallArgument[]; readonly span: TextSpan };

/** Text constants are byte text, escapes already resolved. `isQuoted` tells `"a"` from `a`. */
export type Right =
  | { readonly kind: 'text'; readonly value: string; readonly isQuoted: boolean; readonly span: TextSpan }
  | { readonly kind: 'list'; readonly items: readonly TextConstant[]; readonly span: TextSpan }
  /** A bare identifier where a list was expected: an unexpanded list name. */
  | { readonly kind: 'identifier'; readonly name: string; readonly span: TextSpan }
  /** `val(field)` or a transformer call. */
  | { readonly kind: 'operand'; readonly operand: Operand; readonly span: TextSpan };

export interface TextConstant {
  readonly value: string;
  readonly isQuoted: boolean;
  readonly span: TextSpan;
}

/** An output format: literal text and fields, in order. */
export type OutputPart =
  | { readonly kind: 'literal'; readonly text: string }
  | {
      readonly kind: 'value';
      readonly operand: Operand;
      readonly widthBytes: number | undefined;
      readonly span: TextSpan;
    };
