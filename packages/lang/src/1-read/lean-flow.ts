/** Flow collections of the lean YAML reader, and the text in them. */

import {
  APOSTROPHE,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  DASH,
  GREATER,
  giveUp,
  HASH,
  type LeanCursor,
  NEWLINE,
  OPEN_BRACE,
  OPEN_BRACKET,
  PIPE,
  QUESTION,
  QUOTE,
  SPACE,
  TAB,
} from './lean-cursor.ts';
import { readQuoted } from './lean-text.ts';
import { createScalar, type YamlEntry, type YamlNode, type YamlScalar } from './yaml-node.ts';

/** Reads a flow node; ends right behind it. */
export function readFlow(cursor: LeanCursor): YamlNode {
  const code = cursor.text.charCodeAt(cursor.at);
  if (code === OPEN_BRACKET) return readFlowSequence(cursor);
  if (code === OPEN_BRACE) return readFlowMapping(cursor);
  if (code === QUOTE || code === APOSTROPHE) return readQuoted(cursor, code, -1);
  return readFlowPlain(cursor);
}

function readFlowSequence(cursor: LeanCursor): YamlNode {
  const { text } = cursor;
  const start = cursor.at;
  const items: YamlNode[] = [];
  cursor.at++;
  for (;;) {
    skipFlowBlanks(cursor);
    if (text.charCodeAt(cursor.at) === CLOSE_BRACKET) break;
    items.push(readFlow(cursor));
    skipFlowBlanks(cursor);
    const code = text.charCodeAt(cursor.at);
    if (code === CLOSE_BRACKET) break;
    if (code !== COMMA) giveUp();
    cursor.at++;
  }
  cursor.at++;
  return { kind: 'sequence', items, start, end: cursor.at };
}

function readFlowMapping(cursor: LeanCursor): YamlNode {
  const { text } = cursor;
  const start = cursor.at;
  const entries: YamlEntry[] = [];
  cursor.at++;
  for (;;) {
    skipFlowBlanks(cursor);
    if (text.charCodeAt(cursor.at) === CLOSE_BRACE) break;
    const key = readFlow(cursor);
    if (key.kind !== 'scalar' || key.end !== cursor.at) giveUp();
    if (text.charCodeAt(cursor.at) !== COLON || !cursor.isBlankAt(cursor.at + 1)) giveUp();
    cursor.at++;
    skipFlowBlanks(cursor);
    const value = readFlow(cursor);
    entries.push({ key, value });
    skipFlowBlanks(cursor);
    const code = text.charCodeAt(cursor.at);
    if (code === CLOSE_BRACE) break;
    if (code !== COMMA) giveUp();
    cursor.at++;
  }
  cursor.at++;
  return { kind: 'mapping', entries, start, end: cursor.at };
}

/** Moves over blanks, line breaks and comments inside a flow collection. */
function skipFlowBlanks(cursor: LeanCursor): void {
  const before = cursor.at;
  cursor.skipToToken();
  const { text } = cursor;
  if (cursor.at >= cursor.length) giveUp();
  if (cursor.at === cursor.lineStart && cursor.at > before && text.startsWith('---', cursor.at)) giveUp();
  if (cursor.at === cursor.lineStart && cursor.at > before && text.startsWith('...', cursor.at)) giveUp();
  // A comment needs a blank before it.
  if (text.charCodeAt(before) === HASH) {
    const previous = text.charCodeAt(before - 1);
    if (previous !== SPACE && previous !== NEWLINE) giveUp();
  }
}

/** Plain text in flow context. One line only: the rest is rare. */
function readFlowPlain(cursor: LeanCursor): YamlScalar {
  const { text } = cursor;
  const start = cursor.at;
  const first = text.charCodeAt(start);
  // COMPAT: the reference takes `>` and `|` at the start of plain text in flow context (yaml-cpp).
  if (first !== GREATER && first !== PIPE) cursor.expectPlainStart();
  if (first === DASH || first === QUESTION) {
    const next = text.charCodeAt(start + 1);
    if (next === COMMA || next === CLOSE_BRACKET || next === CLOSE_BRACE) giveUp();
  }
  let at = start;
  for (; ; at++) {
    const code = text.charCodeAt(at);
    if (code === COMMA || code === OPEN_BRACKET || code === CLOSE_BRACKET) break;
    if (code === OPEN_BRACE || code === CLOSE_BRACE) break;
    if (code === NEWLINE || Number.isNaN(code) || code === TAB) break;
    if (code === HASH && text.charCodeAt(at - 1) === SPACE) break;
    if (code === COLON) {
      const next = text.charCodeAt(at + 1);
      if (next === COMMA || next === OPEN_BRACKET || next === CLOSE_BRACKET) giveUp();
      if (next === OPEN_BRACE || next === CLOSE_BRACE) giveUp();
      if (cursor.isBlankAt(at + 1)) break;
    }
  }
  const stop = text.charCodeAt(at);
  if (stop === OPEN_BRACKET || stop === OPEN_BRACE || stop === TAB) giveUp();
  let end = at;
  while (end > start && text.charCodeAt(end - 1) === SPACE) end--;
  cursor.at = at;
  if (stop === COLON && end !== at) giveUp();
  if (stop === NEWLINE || stop === HASH) {
    skipFlowBlanks(cursor);
    const next = text.charCodeAt(cursor.at);
    if (next !== COMMA && next !== CLOSE_BRACKET && next !== CLOSE_BRACE) giveUp();
  }
  return createScalar(text.slice(start, end), 'plain', start, end);
}
