/** Outputs of rules made into functions from an event to text and to the fields of an alert. Runs once per alert. */

import { fromByteText } from '@peregrine/base';
import type { CheckedOperand, CheckedOutputPart } from '../3-check/checked.ts';
import type { BoundField, Reader } from '../catalogue.ts';
import { compileOperand, fieldReader, fieldsOfOperand, lookOf } from './operand.ts';
import {
  defaultRenderOptions,
  type JsonValue,
  type RenderOptions,
  valueJson,
  valueText,
} from './value-text.ts';

/** What outputs show for a field without a value. */
export const MISSING_TEXT = '<NA>';

export interface CompiledOutput<E> {
  /** UTF-16. */
  text(event: E): string;
  /** Values of every field that the output names, by its text; those inside calls too, but not the calls. */
  fields(event: E): Record<string, JsonValue>;
}

export function compileOutput<E>(
  parts: readonly CheckedOutputPart<E>[],
  options: RenderOptions = defaultRenderOptions,
): CompiledOutput<E> {
  const writers = parts.map((part) => compilePart(part, options));
  const fields = parts.flatMap((part) => (part.kind === 'value' ? fieldsOfOperand(part.operand) : []));
  const fieldByText = new Map(fields.map((field) => [field.text, field]));
  return {
    text: (event) => {
      let text = '';
      for (const write of writers) text += write(event);
      return fromByteText(text);
    },
    fields: (event) => {
      const values: Record<string, JsonValue> = {};
      for (const [text, field] of fieldByText) values[text] = renderJson(field, event, options);
      return values;
    },
  };
}

/** The field's value as outputs show it, in UTF-16; `<NA>` when there is none. */
export function renderText<E>(
  field: BoundField<E>,
  event: E,
  options: RenderOptions = defaultRenderOptions,
): string {
  return fromByteText(fieldText(field, fieldReader(field, 'show'), event, options) ?? MISSING_TEXT);
}

/** The field's value as alerts carry it in JSON; `null` when there is none. */
export function renderJson<E>(
  field: BoundField<E>,
  event: E,
  options: RenderOptions = defaultRenderOptions,
): JsonValue {
  const value = fieldReader(field, 'show')(event);
  return value === undefined ? null : valueJson(value, field, options);
}

/** Byte text, as literal text is. */
function compilePart<E>(part: CheckedOutputPart<E>, options: RenderOptions): (event: E) => string {
  if (part.kind === 'literal') {
    const { text } = part;
    return () => text;
  }
  const textOf = compileText(part.operand, options);
  const { widthBytes } = part;
  if (widthBytes === undefined) return textOf;
  return (event) => textOf(event).slice(0, widthBytes).padEnd(widthBytes, ' ');
}

/** Byte text, `<NA>` included. */
function compileText<E>(operand: CheckedOperand<E>, options: RenderOptions): (event: E) => string {
  const read = compileOperand(operand, 'show');
  if (operand.kind === 'field') {
    const { field } = operand;
    return (event) => fieldText(field, read, event, options) ?? MISSING_TEXT;
  }
  const look = lookOf(operand);
  return (event) => {
    const value = read(event);
    return value === undefined ? MISSING_TEXT : valueText(value, look, options);
  };
}

function fieldText<E>(
  field: BoundField<E>,
  read: Reader<E>,
  event: E,
  options: RenderOptions,
): string | undefined {
  if (field.showText !== undefined && !field.info.isFilterOnly) return field.showText(event);
  const value = read(event);
  return value === undefined ? undefined : valueText(value, field, options);
}
