/** Checks of an exception's fields and operators, before it becomes condition text. */

import { nearestName } from '@peregrine/base';
import { comparisonSymbols, isModifiable, isModifier, listSymbols } from '../2-parse/words.ts';
import {
  exceptionFieldsMissing,
  exceptionFieldUnknown,
  exceptionLengths,
  exceptionOperatorNotForOne,
  exceptionOperatorUnknown,
  exceptionShapes,
} from '../diagnostics/semantics.ts';
import { type Context, placeOf, type Report } from './context.ts';
import type { ExceptionItem, ExceptionValue } from './items.ts';

/** What the collector asks of the catalogue. */
export interface ExceptionChecker {
  hasSource(name: string): boolean;
  /** Whether rules of the source are left out on purpose. */
  isLeftOut(name: string): boolean;
  /** Whether conditions of the source can compare the field, argument included. */
  hasField(source: string, text: string): boolean;
  fieldNames(source: string): readonly string[];
}

/** An exception whose fields and operators are settled: as many of one as of the other. */
export interface SettledException {
  readonly name: string;
  readonly context: Context;
  /** The field is a scalar and each value one constant of a list. */
  readonly isSingle: boolean;
  readonly fields: readonly string[];
  readonly operators: readonly string[];
  readonly values: readonly ExceptionValue[];
}

export function settleException(
  item: ExceptionItem,
  source: string,
  checker: ExceptionChecker,
  report: Report,
): SettledException | undefined {
  const { context, fields, operators } = item;
  const place = placeOf(context);
  if (fields === undefined || (fields.kind === 'many' && fields.texts.length === 0)) {
    report.add(exceptionFieldsMissing.at(place));
    return undefined;
  }
  const isSingle = fields.kind === 'one';
  const fieldTexts = isSingle ? [fields.text] : fields.texts;
  let operatorTexts: readonly string[];
  if (isSingle) {
    if (operators !== undefined && operators.kind === 'many') {
      report.add(
        exceptionShapes.at(place, '`comps` must be a single operator, since `fields` is a single field'),
      );
      return undefined;
    }
    const operator = operators?.text.trim() ?? 'in';
    if (!isListOperator(operator)) {
      report.add(exceptionOperatorNotForOne.at(place, operator));
      return undefined;
    }
    operatorTexts = [operator];
  } else {
    const texts =
      operators === undefined ? [] : operators.kind === 'one' ? [operators.text] : operators.texts;
    operatorTexts = texts.length === 0 ? fieldTexts.map(() => '=') : texts.map((text) => text.trim());
    if (operatorTexts.length !== fieldTexts.length) {
      report.add(exceptionLengths.at(place, 'operators', operatorTexts.length, fieldTexts.length));
      return undefined;
    }
    for (const operator of operatorTexts) {
      if (isOperator(operator)) continue;
      report.add(exceptionOperatorUnknown.at(place, operator, nearestName(operator, comparisonSymbols)));
      return undefined;
    }
  }
  for (const field of checker.hasSource(source) ? fieldTexts : []) {
    if (checker.hasField(source, field)) continue;
    report.add(exceptionFieldUnknown.at(place, field, nearestName(field, checker.fieldNames(source))));
    return undefined;
  }
  return {
    name: item.name,
    context,
    isSingle,
    fields: fieldTexts,
    operators: operatorTexts,
    values: item.values,
  };
}

function isOperator(text: string): boolean {
  return comparisonSymbols.includes(text) || hasModifier(text);
}

/** `in`, `intersects`, `pmatch`, and text operators with a modifier. */
export function isListOperator(text: string): boolean {
  return listSymbols.includes(text) || hasModifier(text);
}

function hasModifier(text: string): boolean {
  const [operator = '', modifier = '', ...rest] = text.split(/[ \t]+/);
  return rest.length === 0 && isModifiable(operator) && isModifier(modifier);
}
