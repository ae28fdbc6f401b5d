/** Output formats to literal text and values. */

import { toByteText } from '@peregrine/base';
import { Cursor, SyntaxProblem } from './cursor.ts';
import { parseCallAt } from './parse-operand.ts';
import type { FieldReference, Operand, OutputPart } from './tree.ts';

export type ParsedOutput =
  | { readonly kind: 'parts'; readonly parts: readonly OutputPart[] }
  | { readonly kind: 'problem'; readonly problem: string; readonly offset: number }
  | { readonly kind: 'unknown-field'; readonly name: string; readonly offset: number };

/** Fields have shorter names; of longer text no more than this is looked up. */
const maxNameLength = 200;

/** Whether a field of that name takes that argument. */
export type FieldTest = (name: string, argument: string | undefined) => boolean;

/** Of what stands behind `%`, the longest beginning that is a field or a call is taken; the rest is literal. */
export function parseOutput(text: string, resolves: FieldTest): ParsedOutput {
  const parts: OutputPart[] = [];
  let from = text.startsWith('*') ? 1 : 0;
  for (let at = text.indexOf('%', from); at >= 0; at = text.indexOf('%', from)) {
    if (at > from) parts.push({ kind: 'literal', text: toByteText(text.slice(from, at)) });
    let next = at + 1;
    const width = /\d+/y;
    width.lastIndex = next;
    const match = width.exec(text);
    if (match !== null) next += match[0].length;
    if (next >= text.length) return { kind: 'problem', problem: '`%` without a field behind it', offset: at };
    const operand = operandAt(text, next, resolves);
    if (operand === undefined) {
      const name = /[^\s%]*/y;
      name.lastIndex = next;
      const word = /^[a-zA-Z0-9_.]+/.exec(text.slice(next))?.[0] ?? name.exec(text)?.[0] ?? '';
      if (word === '') return { kind: 'problem', problem: '`%` without a field behind it', offset: at };
      return { kind: 'unknown-field', name: word, offset: next };
    }
    const widthBytes = match === null ? undefined : Number(match[0]);
    parts.push({ kind: 'value', operand, widthBytes, span: { start: at, end: operand.span.end } });
    from = operand.span.end;
  }
  if (from < text.length) parts.push({ kind: 'literal', text: toByteText(text.slice(from)) });
  return { kind: 'parts', parts };
}

function operandAt(text: string, at: number, resolves: FieldTest): Operand | undefined {
  const cursor = new Cursor(text);
  cursor.at = at;
  try {
    const call = parseCallAt(cursor);
    if (call !== undefined) return call;
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    return undefined;
  }
  const nameEnd = cursor.fieldNameEnd(at);
  if (nameEnd === undefined) return undefined;
  const name = text.slice(at, nameEnd);
  const argument = argumentAt(cursor, nameEnd);
  if (argument !== undefined && resolves(name, argument.text))
    return fieldOf(name, argument.text, at, argument.end);
  for (let end = Math.min(nameEnd, at + maxNameLength); end > at; end--) {
    const shorter = text.slice(at, end);
    if (resolves(shorter, undefined)) return fieldOf(shorter, undefined, at, end);
  }
  return undefined;
}

function argumentAt(cursor: Cursor, at: number): { readonly text: string; readonly end: number } | undefined {
  cursor.at = at;
  try {
    const text = cursor.takeArgument();
    return text === undefined ? undefined : { text, end: cursor.at };
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    return undefined;
  }
}

function fieldOf(name: string, argument: string | undefined, start: number, end: number): FieldReference {
  return { kind: 'field', name, argument, span: { start, end } };
}
