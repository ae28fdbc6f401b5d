/** One comparison: whether the operator takes the field, and constants or the right-hand field fit it. */

import { type Diagnostic, fromByteText, nearestName, type Place } from '@peregrine/base';
import type { ConditionText } from '../1-read/condition-text.ts';
import type { Compare, Condition, Modifier, TextConstant, TextSpan } from '../2-parse/tree.ts';
import type { Source } from '../catalogue.ts';
import {
  constantInvalid,
  eventTypeUnknown,
  fieldArgument,
  fieldUnknown,
  operatorNotForField,
  rightSideInvalid,
  transformerInvalid,
} from '../diagnostics/conditions.ts';
import type { Operator } from '../operators/operator.ts';
import { operatorOf, operatorRoster } from '../operators/roster.ts';
import { familyOf, isComparableList } from '../operators/type-families.ts';
import {
  innermostField,
  type OperandChecker,
  type OperandProblem,
  shapeOf,
  textOfOperand,
} from './check-operand.ts';
import type { CheckedOperand, CheckedRight, CheckedTest, Constant } from './checked.ts';
import { parseConstant } from './constants.ts';
import { warningsOf } from './test-warnings.ts';

/** Fields whose constants must be names of events. */
const eventTypeField = 'evt.type';

type Test = Compare | Extract<Condition, { readonly kind: 'exists' }>;

/** Where diagnostics of a condition go: the text it was parsed from, and lists to add to. */
export interface Findings {
  readonly text: ConditionText;
  readonly errors: Finding[];
  readonly warnings: Finding[];
}

/** Errors, and warnings, of one condition that are told: enough to go on with, whatever the condition's size. */
const maxFindings = 50;

/** A diagnostic without its trail, which depends on the rule that uses the macro it may stand in. */
export interface Finding {
  readonly diagnostic: Diagnostic;
  readonly text: ConditionText;
  /** Where the comparison begins in `text`. */
  readonly start: number;
}

function placeIn(text: ConditionText, span: TextSpan): Place {
  return { span: text.spanOf(span.start, span.end) };
}

function fail(findings: Findings, node: Test, diagnostic: Diagnostic): void {
  findings.errors.push({ diagnostic, text: findings.text, start: node.span.start });
}

export class TestChecker<E> {
  readonly #operands: OperandChecker<E>;
  /** By text, so that equal tests are one object. */
  readonly #tests = new Map<string, CheckedTest<E>>();

  constructor(operands: OperandChecker<E>) {
    this.#operands = operands;
  }

  /** `undefined` after an error. */
  check(node: Test, findings: Findings): CheckedTest<E> | undefined {
    if (findings.errors.length >= maxFindings) return undefined;
    const left = this.#checkLeft(node, findings);
    if (left === undefined) return undefined;
    const symbol = node.kind === 'exists' ? 'exists' : node.operator === '==' ? '=' : node.operator;
    const modifier = node.kind === 'exists' ? undefined : node.modifier;
    const operator = operatorOf(symbol);
    if (operator === undefined || !this.#checkOperator(node, left, operator, modifier, findings))
      return undefined;
    const right = node.kind === 'exists' ? none : this.#checkRight(node, left, operator, findings);
    if (right === undefined) return undefined;
    for (const warning of warningsOf(node, left, operator, this.#operands)) {
      if (findings.warnings.length >= maxFindings) break;
      const diagnostic = warning(placeIn(findings.text, node.span));
      findings.warnings.push({ diagnostic, text: findings.text, start: node.span.start });
    }
    const text = textOfTest(left, symbol, modifier, right);
    let test = this.#tests.get(text);
    if (test === undefined) {
      test = { kind: 'test', left, operator: symbol, modifier, right, text };
      this.#tests.set(text, test);
    }
    return test;
  }

  #checkLeft(node: Test, findings: Findings): CheckedOperand<E> | undefined {
    const result = this.#operands.check(node.left);
    if (result.kind === 'problem') {
      fail(findings, node, diagnosticOf(result.problem, this.#operands.source, findings.text));
      return undefined;
    }
    return result.operand;
  }

  #checkOperator(
    node: Test,
    left: CheckedOperand<E>,
    operator: Operator,
    modifier: Modifier | undefined,
    findings: Findings,
  ): boolean {
    const { type, isList } = shapeOf(left);
    const takes = isList
      ? operator.takesLists && isComparableList(type)
      : operator.families.includes(familyOf(type));
    if (takes && (modifier === undefined || (operator.takesModifier && !isList))) return true;
    const what = `a ${isList ? 'list' : 'value'} of type ${type}`;
    const usable = operatorRoster.filter((one) =>
      isList ? one.takesLists && isComparableList(type) : one.families.includes(familyOf(type)),
    );
    const place = placeIn(findings.text, node.span);
    const symbols = usable.map(({ symbol }) => symbol).join(' ');
    const shown = modifier === undefined ? operator.symbol : `${operator.symbol} ${modifier}`;
    fail(findings, node, operatorNotForField.at(place, shown, textOfOperand(left), what, symbols));
    return false;
  }

  #checkRight(
    node: Compare,
    left: CheckedOperand<E>,
    operator: Operator,
    findings: Findings,
  ): CheckedRight<E> | undefined {
    const { right } = node;
    switch (right.kind) {
      case 'operand':
        return this.#checkRightOperand(node, right.operand, left, operator, findings);
      case 'text':
        return this.#checkConstants(node, [right], left, operator, findings);
      case 'list':
        return this.#checkConstants(node, right.items, left, operator, findings);
      case 'identifier':
        return this.#checkConstants(
          node,
          [{ value: right.name, isQuoted: false, span: right.span }],
          left,
          operator,
          findings,
        );
    }
  }

  #checkConstants(
    node: Compare,
    items: readonly TextConstant[],
    left: CheckedOperand<E>,
    operator: Operator,
    findings: Findings,
  ): CheckedRight<E> | undefined {
    const { type } = shapeOf(left);
    const isEventType = innermostField(left)?.info.name === eventTypeField;
    const values: Constant[] = [];
    for (const item of items) {
      const place = (): Place => placeIn(findings.text, item.span);
      const shown = fromByteText(item.value);
      if (isEventType && !isEventName(this.#operands.source, item.value)) {
        const nearest = nearestName(shown, this.#operands.source.eventNames);
        fail(findings, node, eventTypeUnknown.at(place(), shown, nearest));
        return undefined;
      }
      const refusal = operator.refuses?.(item.value);
      if (refusal !== undefined) {
        fail(
          findings,
          node,
          constantInvalid.at(place(), shown, `a constant for \`${operator.symbol}\`: ${refusal}`),
        );
        return undefined;
      }
      const parsed = parseConstant(item.value, type);
      if (parsed.kind === 'invalid') {
        fail(findings, node, constantInvalid.at(place(), shown, parsed.wanted, parsed.hint));
        return undefined;
      }
      values.push(parsed.constant);
    }
    return { kind: 'constants', values };
  }

  #checkRightOperand(
    node: Compare,
    right: Compare['left'],
    left: CheckedOperand<E>,
    operator: Operator,
    findings: Findings,
  ): CheckedRight<E> | undefined {
    const result = this.#operands.check(right);
    if (result.kind === 'problem') {
      fail(findings, node, diagnosticOf(result.problem, this.#operands.source, findings.text));
      return undefined;
    }
    const { operand } = result;
    const problem = rightProblem(left, operand, operator);
    if (problem === undefined) return { kind: 'operand', operand };
    fail(findings, node, rightSideInvalid.at(placeIn(findings.text, right.span), problem));
    return undefined;
  }
}

const none = { kind: 'none' } as const;

function rightProblem<E>(
  left: CheckedOperand<E>,
  right: CheckedOperand<E>,
  operator: Operator,
): string | undefined {
  const leftField = innermostField(left);
  const rightField = innermostField(right);
  if (leftField?.info.name === eventTypeField) return '`evt.type` cannot be compared with a field';
  for (const field of [leftField, rightField]) {
    if (field !== undefined && !field.info.allowsRightHandSide) {
      return `\`${field.info.name}\` cannot be compared with another field`;
    }
  }
  if (!operator.takesOperand) return `\`${operator.symbol}\` does not compare with a field`;
  const leftShape = shapeOf(left);
  const rightShape = shapeOf(right);
  if (familyOf(leftShape.type) === 'net') return `networks cannot be compared with a field`;
  if (leftShape.type !== rightShape.type || leftShape.isList !== rightShape.isList) {
    const describe = ({ type, isList }: typeof leftShape): string => (isList ? `a list of ${type}` : type);
    return `\`${textOfOperand(left)}\` is ${describe(leftShape)}, \`${textOfOperand(right)}\` is ${describe(rightShape)}`;
  }
  return undefined;
}

function isEventName<E>(source: Source<E>, name: string): boolean {
  return source.eventCodesOf(name) !== undefined || source.syscallsOf(name).length > 0;
}

function diagnosticOf<E>(problem: OperandProblem, source: Source<E>, text: ConditionText): Diagnostic {
  const place = placeIn(text, problem.span);
  switch (problem.kind) {
    case 'unknown-field':
      return fieldUnknown.at(place, problem.name, nearestFieldOf(problem.name, source));
    case 'bad-argument':
      return fieldArgument.at(place, problem.name, problem.reason);
    case 'bad-call':
      return transformerInvalid.at(place, problem.problem);
  }
}

export function nearestFieldOf<E>(name: string, source: Source<E>): string | undefined {
  return nearestName(
    name,
    source.fields.map((field) => field.name),
  );
}

function textOfTest<E>(
  left: CheckedOperand<E>,
  symbol: string,
  modifier: Modifier | undefined,
  right: CheckedRight<E>,
): string {
  const head =
    modifier === undefined
      ? `${textOfOperand(left)} ${symbol}`
      : `${textOfOperand(left)} ${symbol} ${modifier}`;
  switch (right.kind) {
    case 'none':
      return head;
    case 'operand':
      return `${head} val(${textOfOperand(right.operand)})`;
    case 'constants': {
      const texts = right.values.map(({ text }) => (/^[\w./:*-]+$/.test(text) ? text : JSON.stringify(text)));
      const isOne =
        texts.length === 1 && modifier === undefined && symbol !== 'in' && symbol !== 'intersects';
      return isOne ? `${head} ${texts[0]}` : `${head} (${texts.join(', ')})`;
    }
  }
}
