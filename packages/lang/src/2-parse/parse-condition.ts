/** Condition text to a tree, by recursive descent. Follows the grammar of the reference, alternatives in its order. */

import { nearestName } from '@peregrine/base';
import { Cursor, SyntaxProblem } from './cursor.ts';
import { parseCallAt } from './parse-operand.ts';
import type { Compare, Condition, Modifier, Operand, Right, TextConstant } from './tree.ts';
import { equalitySymbols, listSymbols, modifierAt, orderSymbols, textWords } from './words.ts';

export type ParsedCondition =
  | { readonly kind: 'condition'; readonly condition: Condition }
  | {
      readonly kind: 'problem';
      readonly problem: string;
      readonly hint: string | undefined;
      readonly offset: number;
    };

/** Groups inside groups that are accepted. */
const maxDepth = 1000;

export function parseCondition(text: string): ParsedCondition {
  const parser = new ConditionParser(text);
  try {
    return { kind: 'condition', condition: parser.parse() };
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    return { kind: 'problem', problem: error.problem, hint: error.hint, offset: error.offset };
  }
}

class ConditionParser {
  readonly #cursor: Cursor;
  #depth = 0;

  constructor(text: string) {
    this.#cursor = new Cursor(text);
  }

  parse(): Condition {
    const cursor = this.#cursor;
    const condition = this.#parseJunction('or');
    if (!cursor.isAtEnd()) cursor.fail('expected `and`, `or` or the end of the condition');
    return condition;
  }

  /** Few frames for each level, since groups may nest as deep as the stack is. */
  #parseJunction(operator: 'and' | 'or'): Condition {
    const cursor = this.#cursor;
    cursor.skipBlanks();
    const start = cursor.at;
    const first = operator === 'or' ? this.#parseJunction('and') : this.#parseNot();
    cursor.skipBlanks();
    if (!cursor.text.startsWith(operator, cursor.at)) return first;
    const terms = [first];
    while (cursor.take(operator)) {
      if (cursor.skipBlanks()) terms.push(operator === 'or' ? this.#parseJunction('and') : this.#parseNot());
      else if (cursor.take('(')) terms.push(this.#parseGroup());
      else cursor.fail(`expected a blank or \`(\` behind \`${operator}\``);
      cursor.skipBlanks();
    }
    return {
      kind: 'junction',
      operator,
      terms,
      span: { start, end: terms[terms.length - 1]?.span.end ?? start },
    };
  }

  #parseNot(): Condition {
    const cursor = this.#cursor;
    cursor.skipBlanks();
    const start = cursor.at;
    let isNegated = false;
    let term: Condition | undefined;
    while (term === undefined && cursor.text.startsWith('not', cursor.at)) {
      const word = cursor.at;
      cursor.at += 3;
      if (cursor.skipBlanks()) {
        isNegated = !isNegated;
      } else if (cursor.take('(')) {
        isNegated = !isNegated;
        term = this.#parseGroup();
      } else {
        // A macro whose name begins with these letters.
        cursor.at = word;
        break;
      }
    }
    term ??= this.#parseCheck();
    return isNegated ? { kind: 'not', term, span: { start, end: term.span.end } } : term;
  }

  /** What stands between parentheses, the opening one already taken. */
  #parseGroup(): Condition {
    const cursor = this.#cursor;
    if (++this.#depth > maxDepth) cursor.fail(`groups nest more than ${maxDepth} deep`);
    const condition = this.#parseJunction('or');
    if (!cursor.take(')')) cursor.fail('expected `)`');
    this.#depth--;
    return condition;
  }

  #parseCheck(): Condition {
    const cursor = this.#cursor;
    cursor.skipBlanks();
    if (cursor.take('(')) return this.#parseGroup();
    const start = cursor.at;
    const field = cursor.takeField();
    if (field !== undefined) {
      const { name, argument, end } = field;
      return this.#parseCompare({ kind: 'field', name, argument, span: { start, end } }, start);
    }
    const call = parseCallAt(cursor);
    if (call !== undefined) return this.#parseCompare(call, start);
    const name = cursor.takeIdentifier();
    if (name !== undefined) return { kind: 'macro', name, span: { start, end: cursor.at } };
    return cursor.fail('expected `(`, a field or a macro');
  }

  #parseCompare(left: Operand, start: number): Condition {
    const cursor = this.#cursor;
    cursor.skipBlanks();
    if (cursor.take('exists')) return { kind: 'exists', left, span: { start, end: cursor.at } };
    for (const operator of orderSymbols) {
      if (cursor.take(operator))
        return this.#finish(left, operator, undefined, this.#parseNumberSide(), start);
    }
    const operator = this.#takeTextOperator();
    if (operator !== undefined) {
      cursor.skipBlanks();
      const modifier = this.#takeModifier();
      const right = modifier === undefined ? this.#parseTextSide() : this.#parseListSide(false);
      return this.#finish(left, operator, modifier, right, start);
    }
    for (const symbol of listSymbols) {
      if (cursor.take(symbol)) return this.#finish(left, symbol, undefined, this.#parseListSide(true), start);
    }
    return cursor.fail('expected an operator behind the field', operatorHint(cursor.text, cursor.at));
  }

  #finish(
    left: Operand,
    operator: string,
    modifier: Modifier | undefined,
    right: Right,
    start: number,
  ): Compare {
    return { kind: 'compare', left, operator, modifier, right, span: { start, end: this.#cursor.at } };
  }

  #takeTextOperator(): string | undefined {
    const cursor = this.#cursor;
    for (const symbol of equalitySymbols) if (cursor.take(symbol)) return symbol;
    const start = cursor.at;
    for (const word of textWords) {
      if (!cursor.take(word)) continue;
      if (cursor.skipBlanks()) return word;
      cursor.at = start;
    }
    return undefined;
  }

  /** A modifier counts only before a list or a name; otherwise it is text to compare with. */
  #takeModifier(): Modifier | undefined {
    const cursor = this.#cursor;
    const start = cursor.at;
    const modifier = modifierAt(cursor.text, start);
    if (modifier === undefined) return undefined;
    cursor.at += modifier.length;
    if (cursor.skipBlanks()) {
      if (cursor.code() === 40) return modifier;
      const before = cursor.at;
      const word = cursor.takeIdentifier();
      cursor.at = before;
      if (word !== undefined && word !== 'and' && word !== 'or' && word !== 'not') return modifier;
    }
    cursor.at = start;
    return undefined;
  }

  #parseNumberSide(): Right {
    const cursor = this.#cursor;
    cursor.skipBlanks();
    const operand = this.#takeRightOperand();
    if (operand !== undefined) return operand;
    const start = cursor.at;
    const value = cursor.takeHexNumber() ?? cursor.takeNumber();
    if (value === undefined) return cursor.fail('expected a number or `val(...)`');
    return { kind: 'text', value, isQuoted: false, span: { start, end: cursor.at } };
  }

  #parseTextSide(): Right {
    const cursor = this.#cursor;
    const operand = this.#takeRightOperand();
    if (operand !== undefined) return operand;
    const constant = this.#takeConstant();
    if (constant !== undefined) return { kind: 'text', ...constant };
    return cursor.fail(
      'expected text or `val(...)`',
      cursor.code() === 40 ? 'use `in` before a list' : undefined,
    );
  }

  /** A list, or a name that stands for one. `takesOperand`: a field or a call may stand there too. */
  #parseListSide(takesOperand: boolean): Right {
    const cursor = this.#cursor;
    cursor.skipBlanks();
    const start = cursor.at;
    if (cursor.take('(')) {
      const items: TextConstant[] = [];
      cursor.skipBlanks();
      if (!cursor.take(')')) {
        for (;;) {
          cursor.skipBlanks();
          const constant = this.#takeConstant();
          if (constant === undefined) return cursor.fail('expected text between `(` and `)`');
          items.push(constant);
          cursor.skipBlanks();
          if (cursor.take(')')) break;
          if (!cursor.take(',')) cursor.fail('expected `,` or `)` in the list');
        }
      }
      return { kind: 'list', items, span: { start, end: cursor.at } };
    }
    const operand = takesOperand ? this.#takeRightOperand() : undefined;
    if (operand !== undefined) return operand;
    const name = cursor.takeIdentifier();
    if (name !== undefined) return { kind: 'identifier', name, span: { start, end: cursor.at } };
    return cursor.fail('expected a list or the name of one', 'write `(a, b)`');
  }

  #takeConstant(): TextConstant | undefined {
    const cursor = this.#cursor;
    const start = cursor.at;
    const quoted = cursor.takeQuoted();
    if (quoted !== undefined) return { value: quoted, isQuoted: true, span: { start, end: cursor.at } };
    const bare = cursor.takeBare();
    return bare === undefined ? undefined : { value: bare, isQuoted: false, span: { start, end: cursor.at } };
  }

  #takeRightOperand(): Right | undefined {
    const cursor = this.#cursor;
    const start = cursor.at;
    if (cursor.take('val(')) {
      cursor.skipBlanks();
      const field = cursor.takeField();
      if (field === undefined) return cursor.fail('expected a field in `val(...)`');
      cursor.skipBlanks();
      if (!cursor.take(')')) cursor.fail('expected `)` behind the field');
      if (cursor.code() === 91) cursor.fail('`val` takes no argument in brackets');
      const { name, argument } = field;
      const operand: Operand = {
        kind: 'field',
        name,
        argument,
        span: { start: field.start, end: field.end },
      };
      return { kind: 'operand', operand, span: { start, end: cursor.at } };
    }
    const call = parseCallAt(cursor);
    return call === undefined ? undefined : { kind: 'operand', operand: call, span: call.span };
  }
}

function operatorHint(text: string, at: number): string {
  const word = /^[a-z]+/.exec(text.slice(at, at + 24))?.[0];
  const meant = word && nearestName(word, [...textWords, ...listSymbols, 'exists']);
  return meant ? `did you mean \`${meant}\`?` : 'operators are `=`, `in`, `contains`, `exists`...';
}
