/** Outputs of rules made into functions from an event to text and to the fields of an alert. Runs once per alert. */

import { fromByteText } from '@peregrine/base';
import type { CheckedOperand, CheckedOutputPart } from '../3-check/checked.ts';
import type { BoundField } from '../catalogue.ts';
import type { Value } from '../value.ts';
import { compileOperand, fieldReader, fieldsOfOperand, lookOf } from './operand.ts';
import {
  defaultRenderOptions,
  type JsonValue,
  type Look,
  type RenderOptions,
  valueJson,
  valueText,
} from './value-text.ts';

/** What outputs show for a field without a value. */
export const MISSING_TEXT = '<NA>';

export interface CompiledOutput<E> {
  /** Every field that the output names, by its text; those inside calls too, but not the calls. */
  readonly fieldNames: readonly string[];
  /** The text, UTF-16. Writes the value of each field into `values`, in the order of `fieldNames`. */
  render(event: E, values: JsonValue[]): string;
}

/** A literal, a field by its position, or a call. */
type Piece<E> =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'field'; readonly index: number; readonly widthBytes: number | undefined }
  | { readonly kind: 'call'; readonly textOf: (event: E) => string; readonly widthBytes: number | undefined };

/** Each field is read once per alert, for the text and for the value alike. */
export function compileOutput<E>(
  parts: readonly CheckedOutputPart<E>[],
  options: RenderOptions = defaultRenderOptions,
): CompiledOutput<E> {
  const named = parts.flatMap((part) => (part.kind === 'value' ? fieldsOfOperand(part.operand) : []));
  const fieldByText = new Map(named.map((field) => [field.text, field]));
  const fieldNames = [...fieldByText.keys()];
  const fields = [...fieldByText.values()];
  const readers = fields.map((field) => fieldReader(field, 'show'));
  const pieces = parts.map((part) => pieceOf(part, fieldNames, options));
  const found = new Array<Value | undefined>(fields.length);
  return {
    fieldNames,
    render(event, values) {
      for (let i = 0; i < fields.length; i++) {
        const value = readers[i]?.(event);
        found[i] = value;
        values[i] = value === undefined ? null : valueJson(value, fields[i] as Look, options); // i is below its length.
      }
      let text = '';
      for (const piece of pieces) {
        if (piece.kind === 'literal') text += piece.text;
        else if (piece.kind === 'call') text += fitted(piece.textOf(event), piece.widthBytes);
        else {
          const field = fields[piece.index] as BoundField<E>; // Positions come from `fieldNames`.
          text += fitted(
            textOfValue(field, found[piece.index], event, options) ?? MISSING_TEXT,
            piece.widthBytes,
          );
        }
      }
      return fromByteText(text);
    },
  };
}

function pieceOf<E>(
  part: CheckedOutputPart<E>,
  fieldNames: readonly string[],
  options: RenderOptions,
): Piece<E> {
  if (part.kind === 'literal') return part;
  const { operand, widthBytes } = part;
  if (operand.kind === 'field') {
    return { kind: 'field', index: fieldNames.indexOf(operand.field.text), widthBytes };
  }
  return { kind: 'call', textOf: compileCallText(operand, options), widthBytes };
}

function fitted(text: string, widthBytes: number | undefined): string {
  return widthBytes === undefined ? text : text.slice(0, widthBytes).padEnd(widthBytes, ' ');
}

/** The field's value as outputs show it, in UTF-16; `<NA>` when there is none. */
export function renderText<E>(
  field: BoundField<E>,
  event: E,
  options: RenderOptions = defaultRenderOptions,
): string {
  return fromByteText(textOfValue(field, fieldReader(field, 'show')(event), event, options) ?? MISSING_TEXT);
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

/** Byte text, `<NA>` included. */
function compileCallText<E>(operand: CheckedOperand<E>, options: RenderOptions): (event: E) => string {
  const read = compileOperand(operand, 'show');
  const look = lookOf(operand);
  return (event) => {
    const value = read(event);
    return value === undefined ? MISSING_TEXT : valueText(value, look, options);
  };
}

/** Byte text of a field whose value was read; `undefined` when there is none. */
function textOfValue<E>(
  field: BoundField<E>,
  value: Value | undefined,
  event: E,
  options: RenderOptions,
): string | undefined {
  if (field.showText !== undefined && !field.info.isFilterOnly) return field.showText(event);
  return value === undefined ? undefined : valueText(value, field, options);
}
