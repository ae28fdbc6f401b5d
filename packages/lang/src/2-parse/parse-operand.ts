/** Calls of transformers, in conditions and in outputs. */

import type { Cursor } from './cursor.ts';
import type { Call, CallArgument } from './tree.ts';
import { transformerNames } from './words.ts';

const names = new Set(transformerNames);

/** Calls inside calls that are accepted. */
const maxDepth = 200;

/** The call at the cursor; `undefined`, and the cursor unmoved, where none begins. */
export function parseCallAt(cursor: Cursor, depth = 0): Call | undefined {
  const start = cursor.at;
  const name = cursor.takeIdentifier();
  if (name === undefined) return undefined;
  if (cursor.code() !== 40 || !names.has(name)) {
    cursor.at = start;
    return undefined;
  }
  if (depth > maxDepth) cursor.fail(`calls nest more than ${maxDepth} deep`);
  cursor.at++;
  const args = [parseArgument(cursor, depth, true)];
  for (;;) {
    cursor.skipBlanks();
    if (cursor.take(')')) break;
    if (!cursor.take(',')) cursor.fail(`expected \`,\` or \`)\` in the call of \`${name}\``);
    args.push(parseArgument(cursor, depth, true));
  }
  const argument = cursor.takeArgument();
  return { kind: 'call', name, args, argument, span: { start, end: cursor.at } };
}

function parseArgument(cursor: Cursor, depth: number, takesList: boolean): CallArgument {
  cursor.skipBlanks();
  const start = cursor.at;
  const number = cursor.takeHexNumber() ?? cursor.takeNumber();
  if (number !== undefined)
    return { kind: 'text', value: number, isNumber: true, span: { start, end: cursor.at } };
  const quoted = cursor.takeQuoted();
  if (quoted !== undefined)
    return { kind: 'text', value: quoted, isNumber: false, span: { start, end: cursor.at } };
  if (takesList && cursor.take('(')) {
    const items: CallArgument[] = [];
    cursor.skipBlanks();
    if (!cursor.take(')')) {
      for (;;) {
        items.push(parseArgument(cursor, depth, false));
        cursor.skipBlanks();
        if (cursor.take(')')) break;
        if (!cursor.take(',')) cursor.fail('expected `,` or `)` in the list');
      }
    }
    return { kind: 'list', items, span: { start, end: cursor.at } };
  }
  const call = parseCallAt(cursor, depth + 1);
  if (call !== undefined) return call;
  const field = cursor.takeField();
  if (field === undefined) return cursor.fail('expected a field, a call, a number or quoted text');
  return { kind: 'field', name: field.name, argument: field.argument, span: { start, end: cursor.at } };
}
