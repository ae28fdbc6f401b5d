/** Where the lean YAML reader is in the text, and the steps that all its parts take. */

/** Char codes. */
export const TAB = 9;
export const NEWLINE = 10;
export const SPACE = 32;
export const QUOTE = 34;
export const HASH = 35;
export const APOSTROPHE = 39;
export const COMMA = 44;
export const DASH = 45;
export const COLON = 58;
export const GREATER = 62;
export const QUESTION = 63;
export const OPEN_BRACKET = 91;
export const BACKSLASH = 92;
export const CLOSE_BRACKET = 93;
export const OPEN_BRACE = 123;
export const PIPE = 124;
export const CLOSE_BRACE = 125;

/** Chars that cannot begin a plain scalar: , [ ] { } # & * ! | > ' " % @ ` */
const indicators = new Uint8Array(128);
for (const char of ',[]{}#&*!|>\'"%@`') indicators[char.charCodeAt(0)] = 1;

/** Thrown to leave the recursion; `readLeanYaml` catches it. */
export const givingUp = new Error('not lean YAML');

export function giveUp(): never {
  throw givingUp;
}

export class LeanCursor {
  readonly text: string;
  readonly length: number;
  at = 0;
  /** Start of the line that `at` is in. */
  lineStart = 0;

  constructor(text: string) {
    this.text = text;
    this.length = text.length;
  }

  isBlankAt(at: number): boolean {
    const code = this.text.charCodeAt(at);
    return code === SPACE || code === NEWLINE || Number.isNaN(code);
  }

  /** Moves over blank lines and comments to the next token, or to the end. */
  skipToToken(): void {
    const { text } = this;
    for (;;) {
      while (text.charCodeAt(this.at) === SPACE) this.at++;
      const code = text.charCodeAt(this.at);
      if (code === NEWLINE) {
        this.at++;
        this.lineStart = this.at;
      } else if (code === HASH) {
        const end = text.indexOf('\n', this.at);
        if (end < 0) {
          this.at = this.length;
          return;
        }
        this.at = end + 1;
        this.lineStart = this.at;
      } else if (code === TAB) {
        giveUp();
      } else {
        return;
      }
    }
  }

  /** Expects nothing but blanks and a comment up to the end of the line; stays before the line break. */
  finishLine(): void {
    const { text } = this;
    const start = this.at;
    while (text.charCodeAt(this.at) === SPACE) this.at++;
    const code = text.charCodeAt(this.at);
    if (code === HASH && this.at > start) {
      const end = text.indexOf('\n', this.at);
      this.at = end < 0 ? this.length : end;
    } else if (code !== NEWLINE && this.at < this.length) {
      giveUp();
    }
  }

  /** At `---` alone on its line. Gives up on `...` and on a marker with content behind it. */
  isMarker(): boolean {
    if (this.at !== this.lineStart) return false;
    const { text } = this;
    if (text.startsWith('...', this.at)) giveUp();
    if (!text.startsWith('---', this.at)) return false;
    const next = text.charCodeAt(this.at + 3);
    return Number.isNaN(next) || next === NEWLINE || next === SPACE;
  }

  /** At the end of the line, or at a comment that ends it. */
  isLineEnd(): boolean {
    const code = this.text.charCodeAt(this.at);
    if (code === TAB) giveUp();
    return code === NEWLINE || Number.isNaN(code) || code === HASH;
  }

  expectPlainStart(): void {
    const code = this.text.charCodeAt(this.at);
    if (Number.isNaN(code)) giveUp();
    if (code < 128 && indicators[code] === 1) giveUp();
    if ((code === DASH || code === QUESTION || code === COLON) && this.isBlankAt(this.at + 1)) giveUp();
  }
}
