/** What stands left of an operator, right of it in `val(...)`, or in an output: names to fields, calls to types. */

import type { ValueType } from '@peregrine/base';
import { renderOperand } from '../2-parse/render.ts';
import type { Call, CallArgument, FieldReference, Operand, TextSpan } from '../2-parse/tree.ts';
import type { BoundField, Resolution, Source } from '../catalogue.ts';
import type { TransformerArgument } from '../operators/transformer.ts';
import { transformerOf } from '../operators/transformers.ts';
import type { CheckedArgument, CheckedOperand } from './checked.ts';

/** Why an operand cannot be used. */
export type OperandProblem =
  | { readonly kind: 'unknown-field'; readonly name: string; readonly span: TextSpan }
  | { readonly kind: 'bad-argument'; readonly name: string; readonly reason: string; readonly span: TextSpan }
  | { readonly kind: 'bad-call'; readonly problem: string; readonly span: TextSpan };

export type OperandResult<E> =
  | { readonly kind: 'operand'; readonly operand: CheckedOperand<E> }
  | { readonly kind: 'problem'; readonly problem: OperandProblem };

interface Shape {
  readonly type: ValueType;
  readonly isList: boolean;
}

/** Settles operands of one source. Equal text gives the identical object. */
export class OperandChecker<E> {
  readonly source: Source<E>;
  readonly #fields = new Map<string, Resolution<E>>();
  readonly #operands = new Map<string, OperandResult<E>>();

  constructor(source: Source<E>) {
    this.source = source;
  }

  resolve(name: string, argument: string | undefined): Resolution<E> {
    const key = argument === undefined ? name : `${name}[${argument}]`;
    let resolution = this.#fields.get(key);
    if (resolution === undefined) {
      resolution = this.source.resolve(name, argument);
      this.#fields.set(key, resolution);
    }
    return resolution;
  }

  check(operand: Operand): OperandResult<E> {
    if (operand.kind === 'field') return this.#checkField(operand);
    const text = renderOperand(operand);
    let result = this.#operands.get(text);
    if (result === undefined || result.kind === 'problem') {
      result = this.#checkCall(operand, text);
      this.#operands.set(text, result);
    }
    return result;
  }

  #checkField(reference: FieldReference): OperandResult<E> {
    const { name, argument, span } = reference;
    const resolution = this.resolve(name, argument);
    switch (resolution.kind) {
      case 'field': {
        const { field } = resolution;
        let result = this.#operands.get(field.text);
        if (result === undefined || result.kind === 'problem' || result.operand.kind !== 'field') {
          result = { kind: 'operand', operand: { kind: 'field', field } };
          this.#operands.set(field.text, result);
        }
        return result;
      }
      case 'unknown-field':
        return { kind: 'problem', problem: { kind: 'unknown-field', name, span } };
      case 'bad-argument':
        return { kind: 'problem', problem: { kind: 'bad-argument', name, reason: resolution.reason, span } };
    }
  }

  #checkCall(call: Call, text: string): OperandResult<E> {
    const transformer = transformerOf(call.name);
    if (transformer === undefined) return badCall(`unknown transformer \`${call.name}\``, call.span);
    const { args: declared } = transformer;
    const tooMany = call.args.length > declared.length && !transformer.isLastRepeated;
    if (call.args.length < declared.length || tooMany) {
      const count = transformer.isLastRepeated ? `${declared.length} or more` : `${declared.length}`;
      return badCall(`\`${call.name}\` takes ${count} arguments, not ${call.args.length}`, call.span);
    }
    if (call.argument !== undefined && transformer.selector === 'none') {
      return badCall(`\`${call.name}\` takes no argument in brackets`, call.span);
    }
    const args: CheckedArgument<E>[] = [];
    const shapes: Shape[] = [];
    for (let i = 0; i < call.args.length; i++) {
      const argument = call.args[i];
      const declaration = declared[Math.min(i, declared.length - 1)];
      if (argument === undefined || declaration === undefined) continue;
      const result = this.#checkArgument(call.name, argument, declaration);
      if (result.kind === 'problem') return result;
      args.push(result.argument);
      shapes.push(result.shape);
    }
    const { type, isList } = transformer.result(shapes, call.argument !== undefined);
    return {
      kind: 'operand',
      operand: { kind: 'call', name: call.name, args, argument: call.argument, type, isList, text },
    };
  }

  #checkArgument(
    name: string,
    argument: CallArgument,
    declaration: TransformerArgument,
  ):
    | { readonly kind: 'argument'; readonly argument: CheckedArgument<E>; readonly shape: Shape }
    | { readonly kind: 'problem'; readonly problem: OperandProblem } {
    switch (argument.kind) {
      case 'text': {
        const shape: Shape = { type: 'CHARBUF', isList: false };
        if (!declaration.takesConstant || !declaration.accepts(shape)) {
          return badCall(`a constant cannot be the ${declaration.name} of \`${name}\``, argument.span);
        }
        return { kind: 'argument', argument: { kind: 'constant', value: argument.value }, shape };
      }
      case 'list': {
        if (!declaration.takesLiteralList) {
          return badCall(`a list cannot be the ${declaration.name} of \`${name}\``, argument.span);
        }
        const items: CheckedArgument<E>[] = [];
        for (const item of argument.items) {
          if (item.kind === 'text') {
            items.push({ kind: 'constant', value: item.value });
            continue;
          }
          if (item.kind === 'list') return badCall('a list cannot stand in a list', item.span);
          const result = this.#checkTransformed(item);
          if (result.kind === 'problem') return result;
          items.push(result.operand);
        }
        return {
          kind: 'argument',
          argument: { kind: 'list', items },
          shape: { type: 'CHARBUF', isList: true },
        };
      }
      default: {
        const result = this.#checkTransformed(argument);
        if (result.kind === 'problem') return result;
        const { operand } = result;
        const inner = declaration.isCheckedInside ? innermostField(operand) : undefined;
        const shape = shapeOf(operand);
        if (!declaration.accepts(inner ?? shape)) {
          const problem = `\`${name}\` does not take \`${textOfOperand(operand)}\`: ${declaration.doc}`;
          return badCall(problem.replace(/\.$/, ''), argument.span);
        }
        return { kind: 'argument', argument: operand, shape };
      }
    }
  }

  #checkTransformed(operand: Operand): OperandResult<E> {
    const result = this.check(operand);
    if (result.kind === 'problem' || result.operand.kind !== 'field') return result;
    const { info } = result.operand.field;
    if (info.allowsTransformers) return result;
    return badCall(`field \`${info.name}\` does not take transformers`, operand.span);
  }
}

function badCall(
  problem: string,
  span: TextSpan,
): { readonly kind: 'problem'; readonly problem: OperandProblem } {
  return { kind: 'problem', problem: { kind: 'bad-call', problem, span } };
}

export function shapeOf<E>(operand: CheckedOperand<E>): Shape {
  return operand.kind === 'field'
    ? { type: operand.field.type, isList: operand.field.isList }
    : { type: operand.type, isList: operand.isList };
}

export function textOfOperand<E>(operand: CheckedOperand<E>): string {
  return operand.kind === 'field' ? operand.field.text : operand.text;
}

/** The first field inside nested calls; the field itself where there is no call. */
export function innermostField<E>(operand: CheckedOperand<E>): BoundField<E> | undefined {
  if (operand.kind === 'field') return operand.field;
  for (const argument of operand.args) {
    if (argument.kind === 'field' || argument.kind === 'call') return innermostField(argument);
  }
  return undefined;
}
