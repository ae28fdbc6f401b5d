/**
 * Reads the YAML that rules files are written in, several times faster than the library: block and flow collections,
 * plain, quoted and block scalars, comments, documents. Anything rarer (anchors, tags, directives, tabs as
 * indentation, complex keys) and anything wrong makes it give up, and the library reads the file instead.
 *
 * INVARIANT: what it accepts, it reads as the library does.
 */

import {
  APOSTROPHE,
  COLON,
  DASH,
  GREATER,
  giveUp,
  givingUp,
  HASH,
  LeanCursor,
  NEWLINE,
  OPEN_BRACE,
  OPEN_BRACKET,
  PIPE,
  QUOTE,
  SPACE,
  TAB,
} from './lean-cursor.ts';
import { readFlow } from './lean-flow.ts';
import { readBlockScalar, readPlain, readQuoted } from './lean-text.ts';
import { createScalar, type YamlEntry, type YamlNode, type YamlScalar } from './yaml-node.ts';

/** The documents, or `undefined` where the library has to look. */
export function readLeanYaml(text: string): readonly YamlNode[] | undefined {
  if (text.includes('\r')) return undefined;
  const cursor = new LeanCursor(text);
  try {
    return readDocuments(cursor);
  } catch (error) {
    if (error === givingUp || error instanceof RangeError) return undefined;
    throw error;
  }
}

function readDocuments(cursor: LeanCursor): readonly YamlNode[] {
  const { text } = cursor;
  if (text.charCodeAt(0) === 0xfeff) cursor.at = cursor.lineStart = 1;
  const documents: YamlNode[] = [];
  cursor.skipToToken();
  let isAfterMarker = false;
  while (cursor.at < cursor.length || isAfterMarker) {
    if (cursor.isMarker()) {
      if (isAfterMarker) documents.push(createScalar('', 'plain', cursor.at, cursor.at));
      cursor.at += 3;
      cursor.finishLine();
      cursor.skipToToken();
      isAfterMarker = true;
      continue;
    }
    if (cursor.at >= cursor.length) {
      documents.push(createScalar('', 'plain', cursor.at, cursor.at));
      break;
    }
    documents.push(readBlock(cursor, -1, cursor.at - cursor.lineStart));
    isAfterMarker = false;
    if (cursor.at < cursor.length && !cursor.isMarker()) giveUp();
  }
  return documents;
}

/**
 * Reads the node whose first char is at the cursor, in column `column`, inside a node of indentation `parent`; ends at
 * the next token.
 */
function readBlock(cursor: LeanCursor, parent: number, column: number): YamlNode {
  const { text } = cursor;
  const code = text.charCodeAt(cursor.at);
  if (code === DASH && cursor.isBlankAt(cursor.at + 1)) return readSequence(cursor, column);
  if (code === OPEN_BRACKET || code === OPEN_BRACE) return readFlowValue(cursor);
  if (code === PIPE || code === GREATER) return readBlockScalar(cursor, parent);
  const start = cursor.at;
  const lineStart = cursor.lineStart;
  if (skipKey(cursor)) {
    cursor.at = start;
    cursor.lineStart = lineStart;
    return readMapping(cursor, column);
  }
  cursor.at = start;
  cursor.lineStart = lineStart;
  return readScalarValue(cursor, parent);
}

function readSequence(cursor: LeanCursor, column: number): YamlNode {
  const { text } = cursor;
  const start = cursor.at;
  let end = start;
  const items: YamlNode[] = [];
  while (
    cursor.at < cursor.length &&
    cursor.at - cursor.lineStart === column &&
    text.charCodeAt(cursor.at) === DASH &&
    cursor.isBlankAt(cursor.at + 1) &&
    !cursor.isMarker()
  ) {
    const dash = cursor.at;
    cursor.at++;
    while (text.charCodeAt(cursor.at) === SPACE) cursor.at++;
    if (cursor.isLineEnd()) {
      cursor.skipToToken();
      const next = cursor.at - cursor.lineStart;
      if (cursor.at < cursor.length && next > column && !cursor.isMarker())
        items.push(readBlock(cursor, column, next));
      else items.push(createScalar('', 'plain', dash + 1, dash + 1));
    } else {
      items.push(readBlock(cursor, column, cursor.at - cursor.lineStart));
    }
    end = items[items.length - 1]?.end ?? end;
  }
  expectDedent(cursor, column);
  return { kind: 'sequence', items, start, end };
}

function readMapping(cursor: LeanCursor, column: number): YamlNode {
  const start = cursor.at;
  const { text } = cursor;
  let end = start;
  const entries: YamlEntry[] = [];
  while (cursor.at < cursor.length && cursor.at - cursor.lineStart === column && !cursor.isMarker()) {
    // A sequence may stand in the same column as the key it belongs to, but not among the keys.
    if (text.charCodeAt(cursor.at) === DASH && cursor.isBlankAt(cursor.at + 1)) break;
    const key = readKey(cursor);
    while (text.charCodeAt(cursor.at) === SPACE) cursor.at++;
    let value: YamlNode;
    if (cursor.isLineEnd()) {
      const empty = cursor.at;
      cursor.skipToToken();
      const next = cursor.at - cursor.lineStart;
      const isBelow = cursor.at < cursor.length && !cursor.isMarker();
      if (isBelow && next > column) value = readBlock(cursor, column, next);
      else if (
        isBelow &&
        next === column &&
        text.charCodeAt(cursor.at) === DASH &&
        cursor.isBlankAt(cursor.at + 1)
      ) {
        value = readSequence(cursor, column);
      } else value = createScalar('', 'plain', empty, empty);
    } else {
      value = readInlineValue(cursor, column);
    }
    end = value.end;
    entries.push({ key, value });
  }
  expectDedent(cursor, column);
  return { kind: 'mapping', entries, start, end };
}

/** What follows a collection must stand further left, or in the column of an enclosing sequence. */
function expectDedent(cursor: LeanCursor, column: number): void {
  if (cursor.at < cursor.length && cursor.at - cursor.lineStart > column) giveUp();
}

function readInlineValue(cursor: LeanCursor, parent: number): YamlNode {
  const code = cursor.text.charCodeAt(cursor.at);
  if (code === OPEN_BRACKET || code === OPEN_BRACE) return readFlowValue(cursor);
  if (code === PIPE || code === GREATER) return readBlockScalar(cursor, parent);
  if (code === DASH && cursor.isBlankAt(cursor.at + 1)) giveUp();
  return readScalarValue(cursor, parent);
}

function readFlowValue(cursor: LeanCursor): YamlNode {
  const node = readFlow(cursor);
  cursor.finishLine();
  cursor.skipToToken();
  return node;
}

function readScalarValue(cursor: LeanCursor, parent: number): YamlScalar {
  const code = cursor.text.charCodeAt(cursor.at);
  if (code !== QUOTE && code !== APOSTROPHE) return readPlain(cursor, parent);
  const scalar = readQuoted(cursor, code, parent);
  cursor.finishLine();
  cursor.skipToToken();
  return scalar;
}

/** Moves over a key and its colon; false where no key stands here. */
function skipKey(cursor: LeanCursor): boolean {
  const { text } = cursor;
  const code = text.charCodeAt(cursor.at);
  if (code === QUOTE || code === APOSTROPHE) {
    const line = cursor.lineStart;
    readQuoted(cursor, code, -1);
    while (text.charCodeAt(cursor.at) === SPACE) cursor.at++;
    if (text.charCodeAt(cursor.at) !== COLON) return false;
    if (cursor.lineStart !== line) giveUp();
    return cursor.isBlankAt(cursor.at + 1);
  }
  cursor.expectPlainStart();
  for (let at = cursor.at; ; at++) {
    const char = text.charCodeAt(at);
    if (char === COLON) {
      const after = text.charCodeAt(at + 1);
      if (after === TAB) giveUp();
      if (cursor.isBlankAt(at + 1)) return true;
    } else if (char === NEWLINE || Number.isNaN(char)) {
      return false;
    } else if (char === HASH && text.charCodeAt(at - 1) === SPACE) {
      return false;
    } else if (char === TAB) {
      giveUp();
    }
  }
}

/** Reads a key and moves behind its colon. */
function readKey(cursor: LeanCursor): YamlScalar {
  const start = cursor.at;
  const { text } = cursor;
  const code = text.charCodeAt(start);
  if (!skipAsKey(cursor)) giveUp();
  const colon = cursor.at;
  if (code === QUOTE || code === APOSTROPHE) {
    cursor.at = start;
    const key = readQuoted(cursor, code, -1);
    cursor.at = colon + 1;
    return key;
  }
  let end = colon;
  while (end > start && text.charCodeAt(end - 1) === SPACE) end--;
  if (end === start) giveUp();
  cursor.at = colon + 1;
  return createScalar(text.slice(start, end), 'plain', start, end);
}

/** As `skipKey`, but stops at the colon. */
function skipAsKey(cursor: LeanCursor): boolean {
  const start = cursor.at;
  if (!skipKey(cursor)) return false;
  const { text } = cursor;
  const code = text.charCodeAt(start);
  if (code === QUOTE || code === APOSTROPHE) return true;
  let at = start;
  while (!(text.charCodeAt(at) === COLON && cursor.isBlankAt(at + 1))) at++;
  cursor.at = at;
  return true;
}
