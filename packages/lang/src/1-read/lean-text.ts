/** Scalars of the lean YAML reader: plain, quoted and block text in block context. */

import {
  APOSTROPHE,
  BACKSLASH,
  COLON,
  DASH,
  giveUp,
  HASH,
  type LeanCursor,
  NEWLINE,
  PIPE,
  QUOTE,
  SPACE,
  TAB,
} from './lean-cursor.ts';
import { foldBlock, unescapeDouble } from './lean-scalars.ts';
import { createScalar, type ScalarStyle, type YamlScalar } from './yaml-node.ts';

/** Plain text in block context; goes on in deeper lines. */
export function readPlain(cursor: LeanCursor, parent: number): YamlScalar {
  cursor.expectPlainStart();
  const { text } = cursor;
  const start = cursor.at;
  let end = plainLineEnd(cursor);
  let value = text.slice(start, end);
  for (;;) {
    if (text.charCodeAt(cursor.at) === HASH) break;
    // At the line break. Looks for the next line with something in it.
    let at = cursor.at;
    let breaks = 0;
    let lineStart = cursor.lineStart;
    while (text.charCodeAt(at) === NEWLINE) {
      breaks++;
      at++;
      lineStart = at;
      while (text.charCodeAt(at) === SPACE) at++;
      if (text.charCodeAt(at) === TAB) giveUp();
    }
    if (breaks === 0 || at >= cursor.length) break;
    if (at - lineStart <= parent || text.charCodeAt(at) === HASH) break;
    cursor.at = at;
    cursor.lineStart = lineStart;
    if (at === lineStart && cursor.isMarker()) break;
    const lineEnd = plainLineEnd(cursor);
    value += (breaks === 1 ? ' ' : '\n'.repeat(breaks - 1)) + text.slice(at, lineEnd);
    end = lineEnd;
  }
  const isComment = text.charCodeAt(cursor.at) === HASH;
  cursor.skipToToken();
  if (isComment && cursor.at < cursor.length && cursor.at - cursor.lineStart > parent) giveUp();
  return createScalar(value, 'plain', start, end);
}

/** End of the plain text in this line; the cursor moves to the line break or the comment behind it. */
function plainLineEnd(cursor: LeanCursor): number {
  const { text } = cursor;
  let at = cursor.at;
  for (; ; at++) {
    const code = text.charCodeAt(at);
    if (code === NEWLINE || Number.isNaN(code)) break;
    if (code === COLON && cursor.isBlankAt(at + 1)) giveUp();
    if (code === TAB) giveUp();
    if (code === HASH && text.charCodeAt(at - 1) === SPACE) break;
  }
  cursor.at = at;
  while (text.charCodeAt(at - 1) === SPACE) at--;
  return at;
}

export function readQuoted(cursor: LeanCursor, quote: number, parent: number): YamlScalar {
  const { text } = cursor;
  const start = cursor.at;
  let at = start + 1;
  let hasBreak = false;
  let hasEscape = false;
  for (; ; at++) {
    const code = text.charCodeAt(at);
    if (Number.isNaN(code)) giveUp();
    if (code === quote) {
      if (quote === QUOTE || text.charCodeAt(at + 1) !== APOSTROPHE) break;
      hasEscape = true;
      at++;
    } else if (code === BACKSLASH && quote === QUOTE) {
      hasEscape = true;
      at++;
      if (text.charCodeAt(at) === NEWLINE) giveUp();
    } else if (code === NEWLINE) {
      hasBreak = true;
      cursor.lineStart = at + 1;
      expectContinuation(cursor, at + 1, parent);
    } else if (code === TAB) {
      giveUp();
    }
  }
  const end = at + 1;
  cursor.at = end;
  let value = text.slice(start + 1, at);
  if (hasBreak) value = value.replace(/ *\n[ \n]*/g, foldBreaks);
  if (hasEscape) value = quote === QUOTE ? (unescapeDouble(value) ?? giveUp()) : value.replaceAll("''", "'");
  return createScalar(value, quote === QUOTE ? 'double' : 'single', start, end);
}

/** Gives up where a line of quoted text is not indented enough. Blank lines are. */
function expectContinuation(cursor: LeanCursor, lineStart: number, parent: number): void {
  const { text } = cursor;
  let at = lineStart;
  while (text.charCodeAt(at) === SPACE) at++;
  if (text.charCodeAt(at) !== NEWLINE && at - lineStart <= parent) giveUp();
  if (at === lineStart && (text.startsWith('---', at) || text.startsWith('...', at))) giveUp();
}

export function readBlockScalar(cursor: LeanCursor, parent: number): YamlScalar {
  const { text } = cursor;
  const start = cursor.at;
  const style: ScalarStyle = text.charCodeAt(start) === PIPE ? 'literal' : 'folded';
  cursor.at++;
  let chomp = '';
  const code = text.charCodeAt(cursor.at);
  if (code === 43 || code === DASH) {
    chomp = text.charAt(cursor.at);
    cursor.at++;
  }
  cursor.finishLine();
  // INVARIANT: the cursor is at the line break that ends the header, or at the end of the text.
  const lines: string[] = [];
  let indent = -1;
  let at = cursor.at;
  let end = at;
  while (at < cursor.length) {
    const lineStart = at + 1;
    let content = lineStart;
    while (text.charCodeAt(content) === SPACE) content++;
    const first = text.charCodeAt(content);
    const isBlank = first === NEWLINE || content >= cursor.length;
    if (!isBlank) {
      if (content - lineStart <= parent) break;
      if (indent < 0) {
        indent = content - lineStart;
        if (indent === 0 || first === TAB) giveUp();
      } else if (content - lineStart < indent) {
        break;
      }
    }
    let lineEnd = text.indexOf('\n', content);
    if (lineEnd < 0) lineEnd = cursor.length;
    if (isBlank) {
      // Blanks beyond the indentation are content: rare enough for the library.
      if (content > lineStart && (indent < 0 || content - lineStart > indent)) giveUp();
      if (content >= cursor.length) {
        if (content > lineStart) giveUp();
        at = cursor.length;
        break;
      }
      lines.push('');
    } else {
      lines.push(text.slice(lineStart + indent, lineEnd));
      end = lineEnd;
    }
    at = lineEnd;
  }
  if (at < cursor.length) {
    cursor.at = at + 1;
    cursor.lineStart = at + 1;
  } else {
    cursor.at = cursor.length;
  }
  const endsInBreak = text.charCodeAt(cursor.length - 1) === NEWLINE || at < cursor.length;
  const value = foldBlock(lines, style === 'folded', chomp, endsInBreak) ?? giveUp();
  cursor.skipToToken();
  if (cursor.at < cursor.length && cursor.at - cursor.lineStart > Math.max(parent, 0) && lines.length === 0)
    giveUp();
  return createScalar(value, style, start, end);
}

/** Line breaks in quoted text: one becomes a blank, more become one less. */
function foldBreaks(gap: string): string {
  let breaks = 0;
  for (let i = 0; i < gap.length; i++) if (gap.charCodeAt(i) === NEWLINE) breaks++;
  return breaks === 1 ? ' ' : '\n'.repeat(breaks - 1);
}
