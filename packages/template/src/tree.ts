/** What a template's text says: the tree between parser and evaluator. Offsets are of the text, in UTF-16 units. */

export type TemplateNode =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly pipeline: Pipeline }
  | {
      readonly kind: 'if' | 'with';
      readonly pipeline: Pipeline;
      readonly body: readonly TemplateNode[];
      readonly otherwise: readonly TemplateNode[];
    }
  | {
      readonly kind: 'range';
      readonly pipeline: Pipeline;
      /** Variables for index (or key) and element. */
      readonly variables: readonly string[];
      readonly body: readonly TemplateNode[];
      readonly otherwise: readonly TemplateNode[];
    }
  | { readonly kind: 'break' | 'continue' };

export interface Pipeline {
  /** `$name :=` or `$name =` before it. */
  readonly assigns: { readonly name: string; readonly isNew: boolean } | undefined;
  /** Each but the first gets what the one before gave as its last argument. */
  readonly commands: readonly Command[];
}

export type Command =
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly args: readonly Operand[];
      readonly offset: number;
    }
  | { readonly kind: 'value'; readonly operand: Operand };

export type Operand =
  | { readonly kind: 'constant'; readonly value: string | number | bigint | boolean | null }
  /** `.A.B`: keys looked up from the dot; no keys is the dot itself. */
  | { readonly kind: 'dot'; readonly keys: readonly string[]; readonly offset: number }
  /** `$x.A`; `$` is the whole data. */
  | {
      readonly kind: 'variable';
      readonly name: string;
      readonly keys: readonly string[];
      readonly offset: number;
    }
  /** `(pipeline).A`. */
  | {
      readonly kind: 'group';
      readonly pipeline: Pipeline;
      readonly keys: readonly string[];
      readonly offset: number;
    }
  /** A function without arguments, where a value is wanted. */
  | { readonly kind: 'function'; readonly name: string; readonly offset: number };
