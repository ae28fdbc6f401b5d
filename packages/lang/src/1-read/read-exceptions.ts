/** The `exceptions` of a rule. */

import {
  exceptionNotAMapping,
  exceptionsNotASequence,
  exceptionValuesNotASequence,
  keyMissing,
} from '../diagnostics/structure.ts';
import { exceptionNameRepeated, exceptionWithoutValues } from '../diagnostics/warnings.ts';
import { type Context, contextOf, placeOf, type Report } from './context.ts';
import { type Decoded, decoded, decodeScalar, failed } from './decode.ts';
import type { ExceptionItem, ExceptionValue, OneOrMany } from './items.ts';
import { isNullNode, valueAt, type YamlMapping, type YamlNode } from './yaml-node.ts';

/** `isAppending`: fields may be left out, since they are those of the exception appended to. */
export function readExceptions(
  item: YamlMapping,
  rule: Context,
  isAppending: boolean,
  report: Report,
): Decoded<readonly ExceptionItem[]> {
  const node = valueAt(item, 'exceptions');
  if (node === undefined || isNullNode(node)) return decoded([]);
  const parent = contextOf(rule, 'exceptions', '', node);
  if (node.kind !== 'sequence') {
    report.add(exceptionsNotASequence.at(placeOf(parent)));
    return failed;
  }
  const exceptions: ExceptionItem[] = [];
  for (const entry of node.items) {
    const exception = readException(entry, parent, isAppending, report);
    if (exception === undefined) return failed;
    if (exceptions.some(({ name }) => name === exception.name)) {
      report.add(exceptionNameRepeated.at(placeOf(exception.context), exception.name));
    }
    exceptions.push(exception);
  }
  return decoded(exceptions);
}

function readException(
  node: YamlNode,
  parent: Context,
  isAppending: boolean,
  report: Report,
): ExceptionItem | undefined {
  const unnamed = contextOf(parent, 'exception', '', node);
  if (node.kind !== 'mapping') {
    report.add(exceptionNotAMapping.at(placeOf(unnamed)));
    return undefined;
  }
  const name = decodeScalar(node, 'name', unnamed, report);
  if (name === undefined) return undefined;
  const context = { ...unnamed, name: name.value };
  if (!isAppending && valueAt(node, 'fields') === undefined) {
    report.add(keyMissing.at(placeOf(context), 'fields'));
    return undefined;
  }
  const fields = readOneOrMany(node, 'fields', context, report);
  if (!fields.isOk) return undefined;
  const operators = readOneOrMany(node, 'comps', context, report);
  if (!operators.isOk) return undefined;
  const values: ExceptionValue[] = [];
  const valuesNode = valueAt(node, 'values');
  if (valuesNode !== undefined) {
    const inner = contextOf(context, 'exception values', '', valuesNode);
    if (valuesNode.kind !== 'sequence') {
      report.add(exceptionValuesNotASequence.at(placeOf(inner)));
      return undefined;
    }
    for (const value of valuesNode.items) values.push(readValue(value));
  } else if (isAppending) {
    report.add(exceptionWithoutValues.at(placeOf(context), name.value));
  }
  return { name: name.value, context, fields: fields.value, operators: operators.value, values };
}

/** Absent, without a value and the empty sequence are one. A sequence in the sequence counts as empty text. */
function readOneOrMany(
  item: YamlMapping,
  key: string,
  context: Context,
  report: Report,
): Decoded<OneOrMany | undefined> {
  const node = valueAt(item, key);
  if (node === undefined || isNullNode(node)) return decoded(undefined);
  if (node.kind === 'sequence') {
    const texts = node.items.map((entry) => (entry.kind === 'scalar' ? entry.value : ''));
    return decoded(texts.length === 0 ? undefined : { kind: 'many', texts });
  }
  const scalar = decodeScalar(item, key, context, report);
  return scalar === undefined ? failed : decoded({ kind: 'one', text: scalar.value });
}

function readValue(node: YamlNode): ExceptionValue {
  switch (node.kind) {
    case 'sequence':
      return { kind: 'list', items: node.items.map(readValue), node };
    case 'scalar':
      return { kind: 'scalar', text: node.value, node };
    case 'mapping':
      return { kind: 'list', items: [], node };
  }
}
