/** Reads the tokens that conditions and outputs share: fields, arguments, numbers, quoted and bare text. */

import { toByteText } from '@peregrine/base';

/** What is wrong in a text, and where (offset in UTF-16 units). Thrown inside the parser only. */
export class SyntaxProblem extends Error {
  readonly problem: string;
  readonly hint: string | undefined;
  readonly offset: number;

  constructor(problem: string, offset: number, hint?: string) {
    super(problem);
    this.problem = problem;
    this.offset = offset;
    this.hint = hint;
  }
}

const LETTER = 1;
const DIGIT = 2;
const BLANK = 4;
/** Ends bare text: ( ) " ' = , and white space. */
const STOP = 8;
/** Ends an unquoted field argument: [ ] " ' and white space. */
const ARGUMENT_STOP = 16;

const classes = new Uint8Array(128);
for (let code = 0; code < 26; code++) {
  classes[65 + code] = LETTER;
  classes[97 + code] = LETTER;
}
for (let code = 48; code < 58; code++) classes[code] = DIGIT;
for (const char of ' \t\b\r\n') mark(char, BLANK);
for (const char of ' \t\r\n\v\f') mark(char, STOP | ARGUMENT_STOP);
for (const char of '()"\'=,') mark(char, STOP);
for (const char of '[]"\'') mark(char, ARGUMENT_STOP);

function mark(char: string, bits: number): void {
  const code = char.charCodeAt(0);
  classes[code] = (classes[code] ?? 0) | bits;
}

function classOf(code: number): number {
  return code < 128 ? (classes[code] ?? 0) : 0;
}

export interface FieldToken {
  readonly name: string;
  readonly argument: string | undefined;
  readonly start: number;
  readonly end: number;
}

export class Cursor {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  fail(problem: string, hint?: string): never {
    throw new SyntaxProblem(problem, this.at, hint);
  }

  isAtEnd(): boolean {
    return this.at >= this.text.length;
  }

  code(): number {
    return this.text.charCodeAt(this.at);
  }

  /** Moves over blanks; tells whether there were any. */
  skipBlanks(): boolean {
    const start = this.at;
    while (classOf(this.text.charCodeAt(this.at)) & BLANK) this.at++;
    return this.at > start;
  }

  /** Moves over `token` if it stands here. */
  take(token: string): boolean {
    if (!this.text.startsWith(token, this.at)) return false;
    this.at += token.length;
    return true;
  }

  /** End of the word of letters, digits and underscores that begins at `at`; `at` where none does. */
  #wordEnd(at: number): number {
    if (!(classOf(this.text.charCodeAt(at)) & LETTER)) return at;
    let end = at + 1;
    for (;;) {
      const code = this.text.charCodeAt(end);
      if (!(classOf(code) & (LETTER | DIGIT)) && code !== 95) return end;
      end++;
    }
  }

  takeIdentifier(): string | undefined {
    const end = this.#wordEnd(this.at);
    if (end === this.at) return undefined;
    const word = this.text.slice(this.at, end);
    this.at = end;
    return word;
  }

  /** The end of a field name at `at`: words joined by dots, two at least. */
  fieldNameEnd(at: number): number | undefined {
    let end = this.#wordEnd(at);
    if (end === at) return undefined;
    let dotCount = 0;
    while (this.text.charCodeAt(end) === 46) {
      const next = this.#wordEnd(end + 1);
      if (next === end + 1) break;
      end = next;
      dotCount++;
    }
    return dotCount === 0 ? undefined : end;
  }

  takeField(): FieldToken | undefined {
    const start = this.at;
    const nameEnd = this.fieldNameEnd(start);
    if (nameEnd === undefined) return undefined;
    this.at = nameEnd;
    const argument = this.takeArgument();
    return { name: this.text.slice(start, nameEnd), argument, start, end: this.at };
  }

  /** `[...]` behind a field or a call. */
  takeArgument(): string | undefined {
    const open = this.at;
    if (!this.take('[')) return undefined;
    const quoted = this.takeQuoted();
    if (quoted !== undefined) {
      if (!this.take(']')) this.fail('expected `]` behind the argument');
      return quoted;
    }
    const start = this.at;
    while (!this.isAtEnd() && !(classOf(this.code()) & ARGUMENT_STOP)) this.at++;
    const end = this.at;
    if (end === start) this.fail('expected an argument behind `[`');
    if (!this.take(']')) {
      this.at = open;
      this.fail('the argument has no closing `]`');
    }
    return toByteText(this.text.slice(start, end));
  }

  takeBare(): string | undefined {
    const start = this.at;
    while (!this.isAtEnd() && !(classOf(this.code()) & STOP)) this.at++;
    return this.at === start ? undefined : toByteText(this.text.slice(start, this.at));
  }

  takeHexNumber(): string | undefined {
    return this.#takePattern(/0[xX][0-9a-fA-F]+/y);
  }

  takeNumber(): string | undefined {
    return this.#takePattern(/[+-]?[0-9]+\.?[0-9]*(?:[eE][+-][0-9]+)?/y);
  }

  #takePattern(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (match === null) return undefined;
    this.at = pattern.lastIndex;
    return match[0];
  }

  /** Quoted text, escapes resolved, as byte text. */
  takeQuoted(): string | undefined {
    const quote = this.code();
    if (quote !== 34 && quote !== 39) return undefined;
    const open = this.at;
    const { text } = this;
    let result = '';
    let from = open + 1;
    let at = from;
    for (; ; at++) {
      const code = text.charCodeAt(at);
      if (code === quote) break;
      if (Number.isNaN(code)) {
        this.at = open;
        this.fail(`the text has no closing ${quote === 34 ? '`"`' : "`'`"}`);
      }
      if (code !== 92) continue;
      result += toByteText(text.slice(from, at));
      this.at = at;
      const [value, length] = this.#escape(quote);
      result += value;
      at += length - 1;
      from = at + 1;
    }
    this.at = at + 1;
    return result + toByteText(text.slice(from, at));
  }

  /** The escape at the cursor: what it stands for, and its length. */
  #escape(quote: number): readonly [string, number] {
    const char = this.text.charAt(this.at + 1);
    switch (char) {
      case 'b':
        return ['\b', 2];
      case 'f':
        return ['\f', 2];
      case 'n':
        return ['\n', 2];
      case 'r':
        return ['\r', 2];
      case 't':
        return ['\t', 2];
      case ' ':
      case '\\':
        return ['\\', 2];
      case '/':
        return ['/', 2];
      case '"':
      case "'":
        if (char.charCodeAt(0) === quote) return [char, 2];
        break;
      case 'x': {
        const digits = this.text.slice(this.at + 2, this.at + 4);
        if (!/^[0-9a-fA-F]{2}$/.test(digits)) this.fail('`\\x` needs two hexadecimal digits');
        return [String.fromCharCode(Number.parseInt(digits, 16)), 4];
      }
    }
    return this.fail(`\`\\${char}\` is not an escape`, 'write `\\\\` for a backslash');
  }
}
