/** Outputs of rules made into functions from an event to text and to the fields of an alert. Runs once per alert. */

import { fromByteText, isAscii } from '@peregrine/base';
import type { CheckedOperand, CheckedOutputPart } from '../3-check/checked.ts';
import type { BoundField } from '../catalogue.ts';
import type { Value } from '../value.ts';
import { compileOperand, fieldReader, fieldsOfOperand, lookOf } from './operand.ts';
import {
  defaultRenderOptions,
  isTextShownAsIs,
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

/** A literal, a field by its position, or a call. All have the same members, which makes reading them cheap. */
interface Piece<E> {
  readonly literal: string;
  /** -1: a literal or a call. */
  readonly index: number;
  readonly call: ((event: E) => string) | undefined;
  readonly widthBytes: number | undefined;
}

/** What showing a field takes of it. Fields differ in their members: reading those for each alert is slow. */
interface Shown<E> {
  readonly read: (event: E) => Value | undefined;
  readonly showText: ((event: E) => string | undefined) | undefined;
  readonly look: Look;
  /** Text is shown as it is. */
  readonly isText: boolean;
}

/** Each field is read once per alert, for the text and for the value alike. */
export function compileOutput<E>(
  parts: readonly CheckedOutputPart<E>[],
  options: RenderOptions = defaultRenderOptions,
): CompiledOutput<E> {
  const named = parts.flatMap((part) => (part.kind === 'value' ? fieldsOfOperand(part.operand) : []));
  const fieldByText = new Map(named.map((field) => [field.text, field]));
  const fieldNames = [...fieldByText.keys()];
  const shown = [...fieldByText.values()].map(shownOf);
  const pieces = parts.map((part) => pieceOf(part, fieldNames, options));
  const areLiteralsAscii = pieces.every(({ literal }) => isAscii(literal));
  const texts = new Array<string>(shown.length).fill('');
  return {
    fieldNames,
    render(event, values) {
      let areAllAscii = areLiteralsAscii;
      for (let i = 0; i < shown.length; i++) {
        const { read, showText, look, isText } = shown[i] as Shown<E>; // i is below its length.
        const value = read(event);
        if (typeof value === 'string' && isText) {
          const decoded = fromByteText(value);
          // Only ASCII is the same in both forms.
          if (decoded !== value) areAllAscii = false;
          values[i] = decoded;
          texts[i] = value;
          continue;
        }
        values[i] = value === undefined ? null : valueJson(value, look, options);
        const text =
          showText !== undefined
            ? showText(event)
            : value === undefined
              ? undefined
              : valueText(value, look, options);
        texts[i] = text ?? MISSING_TEXT;
        if (text !== undefined && !isAscii(text)) areAllAscii = false;
      }
      let text = '';
      for (const { index, literal, call, widthBytes } of pieces) {
        let more = index < 0 ? literal : (texts[index] ?? '');
        if (call !== undefined) {
          more = call(event);
          if (areAllAscii && !isAscii(more)) areAllAscii = false;
        }
        text += widthBytes === undefined ? more : fitted(more, widthBytes);
      }
      return areAllAscii ? text : fromByteText(text);
    },
  };
}

function shownOf<E>(field: BoundField<E>): Shown<E> {
  const { type, printFormat } = field;
  const showText = field.info.isFilterOnly ? undefined : field.showText;
  const isText = showText === undefined && isTextShownAsIs(type);
  return { read: fieldReader(field, 'show'), showText, look: { type, printFormat }, isText };
}

function pieceOf<E>(
  part: CheckedOutputPart<E>,
  fieldNames: readonly string[],
  options: RenderOptions,
): Piece<E> {
  if (part.kind === 'literal') {
    return { literal: part.text, index: -1, call: undefined, widthBytes: undefined };
  }
  const { operand, widthBytes } = part;
  const index = operand.kind === 'field' ? fieldNames.indexOf(operand.field.text) : -1;
  const call = operand.kind === 'field' ? undefined : compileCallText(operand, options);
  return { literal: '', index, call, widthBytes };
}

function fitted(text: string, widthBytes: number): string {
  return text.slice(0, widthBytes).padEnd(widthBytes, ' ');
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
