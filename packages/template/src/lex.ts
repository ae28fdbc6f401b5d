/** Splits a template into text and the tokens of its actions. */

import { TemplateProblem } from './problem.ts';

export type TokenKind =
  | 'text'
  | 'open'
  | 'close'
  | 'string'
  | 'number'
  | 'word'
  | 'field'
  | 'dot'
  | 'variable'
  | 'pipe'
  | 'paren-open'
  | 'paren-close'
  | 'declare'
  | 'assign'
  | 'comma'
  | 'space'
  | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** Text of the token; for strings, what they stand for. */
  readonly text: string;
  readonly offset: number;
}

const OPEN = '{{';
const CLOSE = '}}';

/** Order matters: the first pattern that fits wins. */
const patterns: readonly (readonly [TokenKind, RegExp])[] = [
  ['space', /[ \t\r\n]+/y],
  [
    'number',
    /[-+]?(?:0[xX][0-9a-fA-F_]+|0[oO]?[0-7_]+|0[bB][01_]+|(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)/y,
  ],
  ['declare', /:=/y],
  ['assign', /=/y],
  ['comma', /,/y],
  ['pipe', /\|/y],
  ['paren-open', /\(/y],
  ['paren-close', /\)/y],
  ['field', /\.[\p{L}_][\p{L}\p{Nd}_]*/uy],
  ['dot', /\./y],
  ['variable', /\$[\p{L}\p{Nd}_]*/uy],
  ['word', /[\p{L}_][\p{L}\p{Nd}_]*/uy],
];

export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let trimsNext = false;
  while (at < text.length) {
    const open = text.indexOf(OPEN, at);
    const end = open < 0 ? text.length : open;
    const trimsBefore = open >= 0 && text[open + 2] === '-' && isSpace(text[open + 3]);
    let literal = text.slice(at, end);
    if (trimsNext) literal = literal.replace(/^[ \t\r\n]+/, '');
    if (trimsBefore) literal = literal.replace(/[ \t\r\n]+$/, '');
    if (literal !== '') tokens.push({ kind: 'text', text: literal, offset: at });
    if (open < 0) break;
    at = open + (trimsBefore ? 3 : 2);
    [at, trimsNext] = readAction(text, at, open, tokens);
  }
  tokens.push({ kind: 'end', text: '', offset: text.length });
  return tokens;
}

/** Where the text goes on, and whether white space goes before it. */
function readAction(text: string, start: number, open: number, tokens: Token[]): [number, boolean] {
  let at = start;
  const comment = /[ \t\r\n]*\/\*/y;
  comment.lastIndex = at;
  if (comment.test(text)) {
    const end = text.indexOf('*/', comment.lastIndex);
    const close = /(?:[ \t\r\n]+-)?}}/y;
    close.lastIndex = end + 2;
    if (end < 0 || !close.test(text)) throw new TemplateProblem('a comment is not closed', open);
    return [close.lastIndex, text[close.lastIndex - 3] === '-'];
  }
  tokens.push({ kind: 'open', text: OPEN, offset: open });
  for (;;) {
    if (text.startsWith(CLOSE, at)) {
      tokens.push({ kind: 'close', text: CLOSE, offset: at });
      return [at + 2, false];
    }
    if (isSpace(text[at]) && text.startsWith(`-${CLOSE}`, at + 1)) {
      tokens.push({ kind: 'close', text: CLOSE, offset: at });
      return [at + 4, true];
    }
    if (at >= text.length) throw new TemplateProblem('`{{` is not closed', open);
    const token = readString(text, at) ?? readPattern(text, at);
    if (token === undefined) {
      throw new TemplateProblem(
        `\`${String.fromCodePoint(text.codePointAt(at) ?? 0)}\` has no meaning here`,
        at,
      );
    }
    tokens.push(token[0]);
    at = token[1];
  }
}

function readPattern(text: string, at: number): readonly [Token, number] | undefined {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) return [{ kind, text: found, offset: at }, at + found.length];
  }
  return undefined;
}

function readString(text: string, at: number): readonly [Token, number] | undefined {
  const quote = text[at];
  if (quote === '`') {
    const end = text.indexOf('`', at + 1);
    if (end < 0) throw new TemplateProblem('a raw string is not closed', at);
    return [{ kind: 'string', text: text.slice(at + 1, end), offset: at }, end + 1];
  }
  if (quote !== '"') return undefined;
  const pattern = /"((?:[^"\\\n]|\\.)*)"/y;
  pattern.lastIndex = at;
  const found = pattern.exec(text);
  if (found === null) throw new TemplateProblem('a string is not closed', at);
  return [{ kind: 'string', text: unescaped(found[1] ?? '', at), offset: at }, pattern.lastIndex];
}

const simpleEscapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
};

function unescaped(text: string, offset: number): string {
  return text.replace(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))/gs,
    (whole, hex?: string, short?: string, long?: string, octal?: string, simple?: string) => {
      const digits = hex ?? short ?? long;
      const code = digits !== undefined ? Number.parseInt(digits, 16) : Number.parseInt(octal ?? '', 8);
      if (simple === undefined && code <= 0x10ffff) return String.fromCodePoint(code);
      const char = simpleEscapes[simple ?? ''];
      if (char === undefined) throw new TemplateProblem(`\`${whole}\` is no escape in a string`, offset);
      return char;
    },
  );
}

function isSpace(char: string | undefined): boolean {
  return char === ' ' || char === '\t' || char === '\r' || char === '\n';
}
