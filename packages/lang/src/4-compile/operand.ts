/** Operands (fields, transformer calls) made into readers. A call has no value as soon as one argument has none. */

import type { CheckedArgument, CheckedOperand } from '../3-check/checked.ts';
import type { BoundField, Reader } from '../catalogue.ts';
import { transformerOf } from '../operators/transformers.ts';
import type { Scalar, Value } from '../value.ts';
import { defaultRenderOptions, isListValue, type Look, scalarText } from './value-text.ts';

/** What a reader is for: conditions compare what a field reads, outputs show what it shows. */
export type Purpose = 'compare' | 'show';

type Call<E> = Extract<CheckedOperand<E>, { kind: 'call' }>;

export function compileOperand<E>(operand: CheckedOperand<E>, purpose: Purpose): Reader<E> {
  return operand.kind === 'field' ? fieldReader(operand.field, purpose) : compileCall(operand, purpose);
}

/** COMPAT: a field that is there for conditions only has no value to show. */
export function fieldReader<E>(field: BoundField<E>, purpose: Purpose): Reader<E> {
  if (purpose === 'compare') return field.read;
  return field.info.isFilterOnly ? () => undefined : (field.show ?? field.read);
}

export function lookOf<E>(operand: CheckedOperand<E>): Look {
  return operand.kind === 'field' ? operand.field : { type: operand.type, printFormat: 'dec' };
}

/** Every field that an operand reads, in source order. */
export function fieldsOfOperand<E>(operand: CheckedOperand<E>): readonly BoundField<E>[] {
  return operand.kind === 'field' ? [operand.field] : operand.args.flatMap(fieldsOfArgument);
}

function fieldsOfArgument<E>(argument: CheckedArgument<E>): readonly BoundField<E>[] {
  switch (argument.kind) {
    case 'constant':
      return [];
    case 'list':
      return argument.items.flatMap(fieldsOfArgument);
    default:
      return fieldsOfOperand(argument);
  }
}

function compileCall<E>(call: Call<E>, purpose: Purpose): Reader<E> {
  const transformer = transformerOf(call.name);
  if (transformer === undefined) throw new Error(`no transformer is called ${call.name}`);
  const { apply, args: declared } = transformer;
  const selector = call.argument;
  const readers = call.args.map((argument, i) => {
    const declaration = declared[Math.min(i, declared.length - 1)];
    return compileArgument(argument, purpose, declaration?.isRendered ?? false);
  });
  const [only] = readers;
  if (only !== undefined && readers.length === 1) {
    return (event) => {
      const value = only(event);
      return value === undefined ? undefined : apply([value], selector);
    };
  }
  return (event) => {
    const values: Value[] = [];
    for (const read of readers) {
      const value = read(event);
      if (value === undefined) return undefined;
      values.push(value);
    }
    return apply(values, selector);
  };
}

function compileArgument<E>(argument: CheckedArgument<E>, purpose: Purpose, isRendered: boolean): Reader<E> {
  switch (argument.kind) {
    case 'constant': {
      const { value } = argument;
      return () => value;
    }
    case 'list':
      return compileList(argument.items, purpose, isRendered);
    default: {
      const read = compileOperand(argument, purpose);
      return isRendered ? rendered(read, lookOf(argument)) : read;
    }
  }
}

function compileList<E>(
  items: readonly CheckedArgument<E>[],
  purpose: Purpose,
  isRendered: boolean,
): Reader<E> {
  const readers = items.map((item) => compileArgument(item, purpose, isRendered));
  return (event) => {
    const values: Scalar[] = [];
    for (const read of readers) {
      const value = read(event);
      if (value === undefined) return undefined;
      if (isListValue(value)) values.push(...value);
      else values.push(value);
    }
    return values;
  };
}

function rendered<E>(read: Reader<E>, look: Look): Reader<E> {
  return (event) => {
    const value = read(event);
    if (value === undefined) return undefined;
    if (!isListValue(value)) return scalarText(value, look, defaultRenderOptions);
    return value.map((element) => scalarText(element, look, defaultRenderOptions));
  };
}
