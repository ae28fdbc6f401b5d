/** Values of keys: scalars, booleans, numbers and sequences, with the checks and the order of the reference. */

import {
  keyMissing,
  valueEmpty,
  valueNotScalar,
  valueNotSequence,
  valueNull,
  valueUndecodable,
} from '../diagnostics/structure.ts';
import { type Context, contextOf, placeOf, type Report } from './context.ts';
import { valueAt, type YamlMapping, type YamlScalar } from './yaml-node.ts';

/** A value, or word that something was wrong with it and has been reported. */
export type Decoded<T> = { readonly isOk: true; readonly value: T } | { readonly isOk: false };

export const failed: Decoded<never> = { isOk: false };

export function decoded<T>(value: T): Decoded<T> {
  return { isOk: true, value };
}

/** The scalar under `key`, which must be there and not be empty. */
export function decodeScalar(
  mapping: YamlMapping,
  key: string,
  context: Context,
  report: Report,
): YamlScalar | undefined {
  const node = valueAt(mapping, key);
  if (node === undefined) {
    report.add(keyMissing.at(placeOf(context), key));
    return undefined;
  }
  if (node.kind === 'scalar' && node.isNull) {
    report.add(valueNull.at({ ...placeOf(context), span: context.file.spanOf(node.start, node.end) }, key));
    return undefined;
  }
  const inner = contextOf(context, 'value for', key, node);
  if (node.kind !== 'scalar') {
    report.add(valueNotScalar.at(placeOf(inner), key));
    return undefined;
  }
  if (node.value === '') {
    report.add(valueEmpty.at(placeOf(inner), key));
    return undefined;
  }
  return node;
}

export function decodeBoolean(
  mapping: YamlMapping,
  key: string,
  context: Context,
  report: Report,
): Decoded<boolean> {
  const node = decodeScalar(mapping, key, context, report);
  if (node === undefined) return failed;
  const value = booleanOf(node.value);
  if (value !== undefined) return decoded(value);
  const inner = contextOf(context, 'value for', key, node);
  report.add(valueUndecodable.at(placeOf(inner), key, node.value, 'a boolean'));
  return failed;
}

/** As `decodeBoolean`, `initial` where the key is absent. */
export function decodeOptionalBoolean(
  mapping: YamlMapping,
  key: string,
  initial: boolean,
  context: Context,
  report: Report,
): Decoded<boolean> {
  return isLeftOut(mapping, key) ? decoded(initial) : decodeBoolean(mapping, key, context, report);
}

/** COMPAT: keys that may be absent may as well have no value, or empty text (Falco 0.45). */
export function isLeftOut(mapping: YamlMapping, key: string): boolean {
  const node = valueAt(mapping, key);
  return node === undefined || (node.kind === 'scalar' && (node.isNull || node.value === ''));
}

/** COMPAT: yaml-cpp's booleans; lower case, title case and upper case. */
function booleanOf(text: string): boolean | undefined {
  const lower = text.toLowerCase();
  const isTitle = text.slice(1) === lower.slice(1);
  if (text !== lower && text !== text.toUpperCase() && !isTitle) return undefined;
  switch (lower) {
    case 'true':
    case 'yes':
    case 'on':
    case 'y':
      return true;
    case 'false':
    case 'no':
    case 'off':
    case 'n':
      return false;
    default:
      return undefined;
  }
}

/** An unsigned 32-bit number. */
export function decodeUnsigned(
  mapping: YamlMapping,
  key: string,
  context: Context,
  report: Report,
): Decoded<number> {
  const node = decodeScalar(mapping, key, context, report);
  if (node === undefined) return failed;
  const value = unsignedOf(node.value);
  if (value !== undefined) return decoded(value);
  const inner = contextOf(context, 'value for', key, node);
  report.add(valueUndecodable.at(placeOf(inner), key, node.value, 'a whole number'));
  return failed;
}

/** COMPAT: as C++ streams read it: decimal, `0x` hexadecimal, `0` octal. */
export function unsignedOf(text: string): number | undefined {
  const value = /^\+?0[0-7]+$/.test(text)
    ? Number.parseInt(text, 8)
    : /^\+?(\d+|0[xX][0-9a-fA-F]+)$/.test(text)
      ? Number(text)
      : Number.NaN;
  return value <= 0xffffffff ? value : undefined;
}

/** The scalars in the sequence under `key`, which must be there; items may be of any type. */
export function decodeSequence(
  mapping: YamlMapping,
  key: string,
  context: Context,
  report: Report,
): Decoded<readonly YamlScalar[]> {
  const node = valueAt(mapping, key);
  if (node === undefined) {
    report.add(keyMissing.at(placeOf(context), key));
    return failed;
  }
  const inner = contextOf(context, 'value for', key, node);
  if (node.kind !== 'sequence') {
    report.add(valueNotSequence.at(placeOf(inner), key));
    return failed;
  }
  const scalars: YamlScalar[] = [];
  for (const item of node.items) {
    if (item.kind !== 'scalar' || item.isNull) {
      report.add(valueNotScalar.at(placeOf(contextOf(inner, 'list item', '', item)), key));
      return failed;
    }
    scalars.push(item);
  }
  return decoded(scalars);
}
