/**
 * Reads the YAML that rules files are written in, several times faster than the library: block and flow collections,
 * plain, quoted and block scalars, comments, documents. Anything rarer (anchors, tags, directives, tabs as
 * indentation, complex keys) and anything wrong makes it give up, and the library reads the file instead.
 *
 * INVARIANT: what it accepts, it reads as the library does.
 */

import { foldBlock, unescapeDouble } from './lean-scalars.ts';
import {
  createScalar,
  type ScalarStyle,
  type YamlEntry,
  type YamlNode,
  type YamlScalar,
} from './yaml-node.ts';

/** The documents, or `undefined` where the library has to look. */
export function readLeanYaml(text: string): readonly YamlNode[] | undefined {
  if (text.includes('\r')) return undefined;
  const reader = new LeanReader(text);
  try {
    return reader.readDocuments();
  } catch (error) {
    if (error === givingUp || error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Thrown to leave the recursion; never leaves this file. */
const givingUp = new Error('not lean YAML');

function giveUp(): never {
  throw givingUp;
}

const TAB = 9;
const NEWLINE = 10;
const SPACE = 32;
const QUOTE = 34;
const HASH = 35;
const APOSTROPHE = 39;
const COMMA = 44;
const DASH = 45;
const COLON = 58;
const GREATER = 62;
const QUESTION = 63;
const OPEN_BRACKET = 91;
const BACKSLASH = 92;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const PIPE = 124;
const CLOSE_BRACE = 125;

/** Chars that cannot begin a plain scalar: , [ ] { } # & * ! | > ' " % @ ` */
const indicators = new Uint8Array(128);
for (const char of ',[]{}#&*!|>\'"%@`') indicators[char.charCodeAt(0)] = 1;

class LeanReader {
  readonly #text: string;
  readonly #length: number;
  #at = 0;
  /** Start of the line that `#at` is in. */
  #lineStart = 0;

  constructor(text: string) {
    this.#text = text;
    this.#length = text.length;
  }

  readDocuments(): readonly YamlNode[] {
    const text = this.#text;
    if (text.charCodeAt(0) === 0xfeff) this.#at = this.#lineStart = 1;
    const documents: YamlNode[] = [];
    this.#skipToToken();
    let isAfterMarker = false;
    while (this.#at < this.#length || isAfterMarker) {
      if (this.#isMarker()) {
        if (isAfterMarker) documents.push(createScalar('', 'plain', this.#at, this.#at));
        this.#at += 3;
        this.#finishLine();
        this.#skipToToken();
        isAfterMarker = true;
        continue;
      }
      if (this.#at >= this.#length) {
        documents.push(createScalar('', 'plain', this.#at, this.#at));
        break;
      }
      documents.push(this.#readBlock(-1, this.#at - this.#lineStart));
      isAfterMarker = false;
      if (this.#at < this.#length && !this.#isMarker()) giveUp();
    }
    return documents;
  }

  /** At `---` alone on its line. Gives up on `...` and on a marker with content behind it. */
  #isMarker(): boolean {
    if (this.#at !== this.#lineStart) return false;
    const text = this.#text;
    if (text.startsWith('...', this.#at)) giveUp();
    if (!text.startsWith('---', this.#at)) return false;
    const next = text.charCodeAt(this.#at + 3);
    return Number.isNaN(next) || next === NEWLINE || next === SPACE;
  }

  /** Moves over blank lines and comments to the next token, or to the end. */
  #skipToToken(): void {
    const text = this.#text;
    for (;;) {
      while (text.charCodeAt(this.#at) === SPACE) this.#at++;
      const code = text.charCodeAt(this.#at);
      if (code === NEWLINE) {
        this.#at++;
        this.#lineStart = this.#at;
      } else if (code === HASH) {
        const end = text.indexOf('\n', this.#at);
        if (end < 0) {
          this.#at = this.#length;
          return;
        }
        this.#at = end + 1;
        this.#lineStart = this.#at;
      } else if (code === TAB) {
        giveUp();
      } else {
        return;
      }
    }
  }

  /** Expects nothing but blanks and a comment up to the end of the line; stays before the line break. */
  #finishLine(): void {
    const text = this.#text;
    const start = this.#at;
    while (text.charCodeAt(this.#at) === SPACE) this.#at++;
    const code = text.charCodeAt(this.#at);
    if (code === HASH && this.#at > start) {
      const end = text.indexOf('\n', this.#at);
      this.#at = end < 0 ? this.#length : end;
    } else if (code !== NEWLINE && this.#at < this.#length) {
      giveUp();
    }
  }

  /**
   * Reads the node whose first char is at `#at`, in column `column`, inside a node of indentation `parent`; ends at
   * the next token.
   */
  #readBlock(parent: number, column: number): YamlNode {
    const text = this.#text;
    const code = text.charCodeAt(this.#at);
    if (code === DASH && this.#isBlankAt(this.#at + 1)) return this.#readSequence(column);
    if (code === OPEN_BRACKET || code === OPEN_BRACE) return this.#readFlowValue();
    if (code === PIPE || code === GREATER) return this.#readBlockScalar(parent);
    const start = this.#at;
    const lineStart = this.#lineStart;
    if (this.#skipKey()) {
      this.#at = start;
      this.#lineStart = lineStart;
      return this.#readMapping(column);
    }
    this.#at = start;
    this.#lineStart = lineStart;
    return this.#readScalarValue(parent);
  }

  #isBlankAt(at: number): boolean {
    const code = this.#text.charCodeAt(at);
    return code === SPACE || code === NEWLINE || Number.isNaN(code);
  }

  #readSequence(column: number): YamlNode {
    const text = this.#text;
    const start = this.#at;
    let end = start;
    const items: YamlNode[] = [];
    while (
      this.#at < this.#length &&
      this.#at - this.#lineStart === column &&
      text.charCodeAt(this.#at) === DASH &&
      this.#isBlankAt(this.#at + 1) &&
      !this.#isMarker()
    ) {
      const dash = this.#at;
      this.#at++;
      while (text.charCodeAt(this.#at) === SPACE) this.#at++;
      if (this.#isLineEnd()) {
        this.#skipToToken();
        const next = this.#at - this.#lineStart;
        if (this.#at < this.#length && next > column && !this.#isMarker())
          items.push(this.#readBlock(column, next));
        else items.push(createScalar('', 'plain', dash + 1, dash + 1));
      } else {
        items.push(this.#readBlock(column, this.#at - this.#lineStart));
      }
      end = items[items.length - 1]?.end ?? end;
    }
    this.#expectDedent(column);
    return { kind: 'sequence', items, start, end };
  }

  /** At the end of the line, or at a comment that ends it. */
  #isLineEnd(): boolean {
    const code = this.#text.charCodeAt(this.#at);
    if (code === TAB) giveUp();
    return code === NEWLINE || Number.isNaN(code) || code === HASH;
  }

  #readMapping(column: number): YamlNode {
    const start = this.#at;
    const text = this.#text;
    let end = start;
    const entries: YamlEntry[] = [];
    while (this.#at < this.#length && this.#at - this.#lineStart === column && !this.#isMarker()) {
      // A sequence may stand in the same column as the key it belongs to, but not among the keys.
      if (text.charCodeAt(this.#at) === DASH && this.#isBlankAt(this.#at + 1)) break;
      const key = this.#readKey();
      while (text.charCodeAt(this.#at) === SPACE) this.#at++;
      let value: YamlNode;
      if (this.#isLineEnd()) {
        const empty = this.#at;
        this.#skipToToken();
        const next = this.#at - this.#lineStart;
        const isBelow = this.#at < this.#length && !this.#isMarker();
        if (isBelow && next > column) value = this.#readBlock(column, next);
        else if (
          isBelow &&
          next === column &&
          text.charCodeAt(this.#at) === DASH &&
          this.#isBlankAt(this.#at + 1)
        ) {
          value = this.#readSequence(column);
        } else value = createScalar('', 'plain', empty, empty);
      } else {
        value = this.#readInlineValue(column);
      }
      end = value.end;
      entries.push({ key, value });
    }
    this.#expectDedent(column);
    return { kind: 'mapping', entries, start, end };
  }

  /** What follows a collection must stand further left, or in the column of an enclosing sequence. */
  #expectDedent(column: number): void {
    if (this.#at < this.#length && this.#at - this.#lineStart > column) giveUp();
  }

  #readInlineValue(parent: number): YamlNode {
    const code = this.#text.charCodeAt(this.#at);
    if (code === OPEN_BRACKET || code === OPEN_BRACE) return this.#readFlowValue();
    if (code === PIPE || code === GREATER) return this.#readBlockScalar(parent);
    if (code === DASH && this.#isBlankAt(this.#at + 1)) giveUp();
    return this.#readScalarValue(parent);
  }

  #readFlowValue(): YamlNode {
    const node = this.#readFlow();
    this.#finishLine();
    this.#skipToToken();
    return node;
  }

  #readScalarValue(parent: number): YamlScalar {
    const code = this.#text.charCodeAt(this.#at);
    if (code !== QUOTE && code !== APOSTROPHE) return this.#readPlain(parent);
    const scalar = this.#readQuoted(code, parent);
    this.#finishLine();
    this.#skipToToken();
    return scalar;
  }

  /** Moves over a key and its colon; false where no key stands here. */
  #skipKey(): boolean {
    const text = this.#text;
    const code = text.charCodeAt(this.#at);
    if (code === QUOTE || code === APOSTROPHE) {
      const line = this.#lineStart;
      this.#readQuoted(code, -1);
      while (text.charCodeAt(this.#at) === SPACE) this.#at++;
      if (text.charCodeAt(this.#at) !== COLON) return false;
      if (this.#lineStart !== line) giveUp();
      return this.#isBlankAt(this.#at + 1);
    }
    this.#expectPlainStart();
    for (let at = this.#at; ; at++) {
      const char = text.charCodeAt(at);
      if (char === COLON) {
        const after = text.charCodeAt(at + 1);
        if (after === TAB) giveUp();
        if (this.#isBlankAt(at + 1)) return true;
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
  #readKey(): YamlScalar {
    const start = this.#at;
    const text = this.#text;
    const code = text.charCodeAt(start);
    if (!this.#skipAsKey()) giveUp();
    const colon = this.#at;
    if (code === QUOTE || code === APOSTROPHE) {
      this.#at = start;
      const key = this.#readQuoted(code, -1);
      this.#at = colon + 1;
      return key;
    }
    let end = colon;
    while (end > start && text.charCodeAt(end - 1) === SPACE) end--;
    if (end === start) giveUp();
    this.#at = colon + 1;
    return createScalar(text.slice(start, end), 'plain', start, end);
  }

  /** As `#skipKey`, but stops at the colon. */
  #skipAsKey(): boolean {
    const start = this.#at;
    if (!this.#skipKey()) return false;
    const text = this.#text;
    const code = text.charCodeAt(start);
    if (code === QUOTE || code === APOSTROPHE) return true;
    let at = start;
    while (!(text.charCodeAt(at) === COLON && this.#isBlankAt(at + 1))) at++;
    this.#at = at;
    return true;
  }

  #expectPlainStart(): void {
    const code = this.#text.charCodeAt(this.#at);
    if (Number.isNaN(code)) giveUp();
    if (code < 128 && indicators[code] === 1) giveUp();
    if ((code === DASH || code === QUESTION || code === COLON) && this.#isBlankAt(this.#at + 1)) giveUp();
  }

  /** Plain text in block context; goes on in deeper lines. */
  #readPlain(parent: number): YamlScalar {
    this.#expectPlainStart();
    const text = this.#text;
    const start = this.#at;
    let end = this.#plainLineEnd();
    let value = text.slice(start, end);
    for (;;) {
      if (text.charCodeAt(this.#at) === HASH) break;
      // At the line break. Looks for the next line with something in it.
      let at = this.#at;
      let breaks = 0;
      let lineStart = this.#lineStart;
      while (text.charCodeAt(at) === NEWLINE) {
        breaks++;
        at++;
        lineStart = at;
        while (text.charCodeAt(at) === SPACE) at++;
        if (text.charCodeAt(at) === TAB) giveUp();
      }
      if (breaks === 0 || at >= this.#length) break;
      if (at - lineStart <= parent || text.charCodeAt(at) === HASH) break;
      this.#at = at;
      this.#lineStart = lineStart;
      if (at === lineStart && this.#isMarker()) break;
      const lineEnd = this.#plainLineEnd();
      value += (breaks === 1 ? ' ' : '\n'.repeat(breaks - 1)) + text.slice(at, lineEnd);
      end = lineEnd;
    }
    const isComment = text.charCodeAt(this.#at) === HASH;
    this.#skipToToken();
    if (isComment && this.#at < this.#length && this.#at - this.#lineStart > parent) giveUp();
    return createScalar(value, 'plain', start, end);
  }

  /** End of the plain text in this line; `#at` moves to the line break or the comment behind it. */
  #plainLineEnd(): number {
    const text = this.#text;
    let at = this.#at;
    for (; ; at++) {
      const code = text.charCodeAt(at);
      if (code === NEWLINE || Number.isNaN(code)) break;
      if (code === COLON && this.#isBlankAt(at + 1)) giveUp();
      if (code === TAB) giveUp();
      if (code === HASH && text.charCodeAt(at - 1) === SPACE) break;
    }
    this.#at = at;
    while (text.charCodeAt(at - 1) === SPACE) at--;
    return at;
  }

  #readQuoted(quote: number, parent: number): YamlScalar {
    const text = this.#text;
    const start = this.#at;
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
        this.#lineStart = at + 1;
        this.#expectContinuation(at + 1, parent);
      } else if (code === TAB) {
        giveUp();
      }
    }
    const end = at + 1;
    this.#at = end;
    let value = text.slice(start + 1, at);
    if (hasBreak) value = value.replace(/ *\n[ \n]*/g, foldBreaks);
    if (hasEscape)
      value = quote === QUOTE ? (unescapeDouble(value) ?? giveUp()) : value.replaceAll("''", "'");
    return createScalar(value, quote === QUOTE ? 'double' : 'single', start, end);
  }

  /** Gives up where a line of quoted text is not indented enough. Blank lines are. */
  #expectContinuation(lineStart: number, parent: number): void {
    const text = this.#text;
    let at = lineStart;
    while (text.charCodeAt(at) === SPACE) at++;
    if (text.charCodeAt(at) !== NEWLINE && at - lineStart <= parent) giveUp();
    if (at === lineStart && (text.startsWith('---', at) || text.startsWith('...', at))) giveUp();
  }

  #readBlockScalar(parent: number): YamlScalar {
    const text = this.#text;
    const start = this.#at;
    const style: ScalarStyle = text.charCodeAt(start) === PIPE ? 'literal' : 'folded';
    this.#at++;
    let chomp = '';
    const code = text.charCodeAt(this.#at);
    if (code === 43 || code === DASH) {
      chomp = text.charAt(this.#at);
      this.#at++;
    }
    this.#finishLine();
    // INVARIANT: `#at` is at the line break that ends the header, or at the end of the text.
    const lines: string[] = [];
    let indent = -1;
    let at = this.#at;
    let end = at;
    while (at < this.#length) {
      const lineStart = at + 1;
      let content = lineStart;
      while (text.charCodeAt(content) === SPACE) content++;
      const first = text.charCodeAt(content);
      const isBlank = first === NEWLINE || content >= this.#length;
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
      if (lineEnd < 0) lineEnd = this.#length;
      if (isBlank) {
        // Blanks beyond the indentation are content: rare enough for the library.
        if (content > lineStart && (indent < 0 || content - lineStart > indent)) giveUp();
        if (content >= this.#length) {
          if (content > lineStart) giveUp();
          at = this.#length;
          break;
        }
        lines.push('');
      } else {
        lines.push(text.slice(lineStart + indent, lineEnd));
        end = lineEnd;
      }
      at = lineEnd;
    }
    if (at < this.#length) {
      this.#at = at + 1;
      this.#lineStart = at + 1;
    } else {
      this.#at = this.#length;
    }
    const endsInBreak = text.charCodeAt(this.#length - 1) === NEWLINE || at < this.#length;
    const value = foldBlock(lines, style === 'folded', chomp, endsInBreak) ?? giveUp();
    this.#skipToToken();
    if (this.#at < this.#length && this.#at - this.#lineStart > Math.max(parent, 0) && lines.length === 0)
      giveUp();
    return createScalar(value, style, start, end);
  }

  /** Reads a flow node; ends right behind it. */
  #readFlow(): YamlNode {
    const code = this.#text.charCodeAt(this.#at);
    if (code === OPEN_BRACKET) return this.#readFlowSequence();
    if (code === OPEN_BRACE) return this.#readFlowMapping();
    if (code === QUOTE || code === APOSTROPHE) return this.#readQuoted(code, -1);
    return this.#readFlowPlain();
  }

  #readFlowSequence(): YamlNode {
    const text = this.#text;
    const start = this.#at;
    const items: YamlNode[] = [];
    this.#at++;
    for (;;) {
      this.#skipFlowBlanks();
      if (text.charCodeAt(this.#at) === CLOSE_BRACKET) break;
      items.push(this.#readFlow());
      this.#skipFlowBlanks();
      const code = text.charCodeAt(this.#at);
      if (code === CLOSE_BRACKET) break;
      if (code !== COMMA) giveUp();
      this.#at++;
    }
    this.#at++;
    return { kind: 'sequence', items, start, end: this.#at };
  }

  #readFlowMapping(): YamlNode {
    const text = this.#text;
    const start = this.#at;
    const entries: YamlEntry[] = [];
    this.#at++;
    for (;;) {
      this.#skipFlowBlanks();
      if (text.charCodeAt(this.#at) === CLOSE_BRACE) break;
      const key = this.#readFlow();
      if (key.kind !== 'scalar' || key.end !== this.#at) giveUp();
      if (text.charCodeAt(this.#at) !== COLON || !this.#isBlankAt(this.#at + 1)) giveUp();
      this.#at++;
      this.#skipFlowBlanks();
      const value = this.#readFlow();
      entries.push({ key, value });
      this.#skipFlowBlanks();
      const code = text.charCodeAt(this.#at);
      if (code === CLOSE_BRACE) break;
      if (code !== COMMA) giveUp();
      this.#at++;
    }
    this.#at++;
    return { kind: 'mapping', entries, start, end: this.#at };
  }

  /** Moves over blanks, line breaks and comments inside a flow collection. */
  #skipFlowBlanks(): void {
    const before = this.#at;
    this.#skipToToken();
    const text = this.#text;
    if (this.#at >= this.#length) giveUp();
    if (this.#at === this.#lineStart && this.#at > before && text.startsWith('---', this.#at)) giveUp();
    if (this.#at === this.#lineStart && this.#at > before && text.startsWith('...', this.#at)) giveUp();
    // A comment needs a blank before it.
    if (text.charCodeAt(before) === HASH) {
      const previous = text.charCodeAt(before - 1);
      if (previous !== SPACE && previous !== NEWLINE) giveUp();
    }
  }

  /** Plain text in flow context. One line only: the rest is rare. */
  #readFlowPlain(): YamlScalar {
    const text = this.#text;
    const start = this.#at;
    const first = text.charCodeAt(start);
    // COMPAT: the reference takes `>` and `|` at the start of plain text in flow context (yaml-cpp).
    if (first !== GREATER && first !== PIPE) this.#expectPlainStart();
    if (first === DASH) {
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
        if (this.#isBlankAt(at + 1)) break;
      }
    }
    const stop = text.charCodeAt(at);
    if (stop === OPEN_BRACKET || stop === OPEN_BRACE || stop === TAB) giveUp();
    let end = at;
    while (end > start && text.charCodeAt(end - 1) === SPACE) end--;
    this.#at = at;
    if (stop === COLON && end !== at) giveUp();
    if (stop === NEWLINE || stop === HASH) {
      this.#skipFlowBlanks();
      const next = text.charCodeAt(this.#at);
      if (next !== COMMA && next !== CLOSE_BRACKET && next !== CLOSE_BRACE) giveUp();
    }
    return createScalar(text.slice(start, end), 'plain', start, end);
  }
}

/** Line breaks in quoted text: one becomes a blank, more become one less. */
function foldBreaks(gap: string): string {
  let breaks = 0;
  for (let i = 0; i < gap.length; i++) if (gap.charCodeAt(i) === NEWLINE) breaks++;
  return breaks === 1 ? ' ' : '\n'.repeat(breaks - 1);
}
