/** Trees back to text: parsing the text gives the tree again, spans apart. */

import { fromByteText, unreachable } from '@peregrine/base';
import type { CallArgument, Condition, Operand, Right, TextConstant } from './tree.ts';

export function renderCondition(condition: Condition): string {
  switch (condition.kind) {
    case 'junction':
      return condition.terms
        .map((term) => (term.kind === 'junction' ? `(${renderCondition(term)})` : renderCondition(term)))
        .join(` ${condition.operator} `);
    case 'not': {
      const { term } = condition;
      const text = renderCondition(term);
      return term.kind === 'junction' || term.kind === 'not' ? `not (${text})` : `not ${text}`;
    }
    case 'macro':
      return condition.name;
    case 'exists':
      return `${renderOperand(condition.left)} exists`;
    case 'compare': {
      const { left, operator, modifier, right } = condition;
      const symbol = modifier === undefined ? operator : `${operator} ${modifier}`;
      return `${renderOperand(left)} ${symbol} ${renderRight(right)}`;
    }
    default:
      return unreachable(condition);
  }
}

export function renderOperand(operand: Operand): string {
  const argument = operand.argument === undefined ? '' : `[${renderArgument(operand.argument)}]`;
  if (operand.kind === 'field') return `${operand.name}${argument}`;
  return `${operand.name}(${operand.args.map(renderCallArgument).join(', ')})${argument}`;
}

function renderCallArgument(argument: CallArgument): string {
  switch (argument.kind) {
    case 'text':
      return argument.isNumber ? argument.value : quote(argument.value);
    case 'list':
      return `(${argument.items.map(renderCallArgument).join(', ')})`;
    default:
      return renderOperand(argument);
  }
}

function renderRight(right: Right): string {
  switch (right.kind) {
    case 'text':
      return renderConstant(right);
    case 'list':
      return `(${right.items.map(renderConstant).join(', ')})`;
    case 'identifier':
      return right.name;
    case 'operand':
      return right.operand.kind === 'field'
        ? `val(${renderOperand(right.operand)})`
        : renderOperand(right.operand);
    default:
      return unreachable(right);
  }
}

function renderConstant(constant: TextConstant): string {
  return constant.isQuoted ? quote(constant.value) : fromByteText(constant.value);
}

function renderArgument(argument: string): string {
  return /^[!#-&(-Z\\^-~]+$/.test(argument) ? argument : quote(argument);
}

/** Bytes that are not plain ASCII are written as escapes, so that any byte text survives. */
function quote(text: string): string {
  let result = '"';
  for (const char of text) {
    const code = char.charCodeAt(0);
    if (char === '"' || char === '\\') result += `\\${char}`;
    else if (code < 32 || code > 126) result += `\\x${code.toString(16).padStart(2, '0')}`;
    else result += char;
  }
  return `${result}"`;
}

/** Words that mean something where a constant may stand. */
const RESERVED = /^(?:and|or|not|in|exists|intersects|pmatch|oneof|anyof|allof)/;

/**
 * A text as a constant that is read as exactly that text, wherever conditions are read; in quotes unless it is a plain word
 * or a number. `lists`: names that must not stand in it as words, since what they stand for would be put in, quotes or not.
 */
export function constantText(text: string, lists: ReadonlySet<string>): string {
  const hasList = text.split(/[\s(),="']+/).some((word) => lists.has(word));
  const isPlain = /^(?:[a-zA-Z_/][\w./:-]*|\d{1,15})$/.test(text) && !RESERVED.test(text);
  if (isPlain && !hasList) return text;
  let result = '"';
  for (const char of text) {
    const code = char.charCodeAt(0);
    const isOdd = code < 32 || code === 127 || (hasList && ' (),='.includes(char));
    if (isOdd) result += `\\x${code.toString(16).padStart(2, '0')}`;
    else result += char === '"' || char === '\\' ? `\\${char}` : char;
  }
  return `${result}"`;
}
