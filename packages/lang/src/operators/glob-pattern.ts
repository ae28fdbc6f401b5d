/**
 * POSIX `fnmatch` without flags, over bytes: `*` and `?` match any byte, `[...]` a set, backslash the next byte.
 * A pattern is cut at its stars; the pieces are then found left to right, so that no input makes it backtrack: the
 * cost is at most the length of the text times that of the longest piece.
 */

import { toLowerAscii } from './ascii-case.ts';

/** One byte of a piece: a byte that must be there, or the bytes that may. */
type Atom = number | Uint8Array;

export type TextTest = (text: string) => boolean;

export interface GlobOptions {
  /** ASCII letters match in either case. */
  readonly isCaseFolded: boolean;
}

export function hasGlobSigns(pattern: string): boolean {
  return /[?*[]/.test(pattern);
}

export function compileGlob(pattern: string, options: GlobOptions): TextTest {
  const pieces = piecesOf(options.isCaseFolded ? toLowerAscii(pattern) : pattern, options.isCaseFolded);
  if (pieces === undefined) return () => false;
  const test = testOf(pieces);
  return options.isCaseFolded ? (text) => test(toLowerAscii(text)) : test;
}

/** What stands between the stars; always at least one piece. `undefined`: the pattern matches nothing. */
function piecesOf(pattern: string, isCaseFolded: boolean): readonly (readonly Atom[])[] | undefined {
  const pieces: Atom[][] = [];
  let piece: Atom[] = [];
  let i = 0;
  while (i < pattern.length) {
    const char = pattern[i];
    if (char === '*') {
      pieces.push(piece);
      piece = [];
      i++;
    } else if (char === '?') {
      piece.push(anyByte);
      i++;
    } else if (char === '\\') {
      if (i + 1 === pattern.length) return undefined;
      piece.push(pattern.charCodeAt(i + 1));
      i += 2;
    } else {
      const set = char === '[' ? parseSet(pattern, i + 1, isCaseFolded) : undefined;
      piece.push(set === undefined ? pattern.charCodeAt(i) : set.bytes);
      i = set === undefined ? i + 1 : set.end;
    }
  }
  pieces.push(piece);
  return pieces;
}

const anyByte: Uint8Array = new Uint8Array(256).fill(1);

const classes: Readonly<Record<string, RegExp>> = {
  alnum: /[0-9A-Za-z]/,
  alpha: /[A-Za-z]/,
  blank: /[ \t]/,
  cntrl: /[^ -~\u0080-\u00ff]/,
  digit: /[0-9]/,
  graph: /[!-~]/,
  lower: /[a-z]/,
  print: /[ -~]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /[ \t-\r]/,
  upper: /[A-Z]/,
  xdigit: /[0-9A-Fa-f]/,
};

/** A bracket expression from just after its `[`; `undefined` when it is not closed, and `[` stands for itself. */
function parseSet(
  pattern: string,
  start: number,
  isCaseFolded: boolean,
): { readonly bytes: Uint8Array; readonly end: number } | undefined {
  const bytes = new Uint8Array(256);
  let i = start;
  const isNegated = pattern[i] === '!' || pattern[i] === '^';
  if (isNegated) i++;
  const first = i;
  while (i < pattern.length && (pattern[i] !== ']' || i === first)) {
    const named = /^\[:([a-z]+):\]/.exec(pattern.slice(i, i + 12));
    const members = named?.[1] === undefined ? undefined : classes[named[1]];
    if (named !== null && members !== undefined) {
      for (let byte = 0; byte < 256; byte++) if (members.test(String.fromCharCode(byte))) bytes[byte] = 1;
      i += named[0].length;
      continue;
    }
    const low = escapedAt(pattern, i);
    if (low === undefined) return undefined;
    i = low.end;
    let highByte = low.byte;
    if (pattern[i] === '-' && i + 1 < pattern.length && pattern[i + 1] !== ']') {
      const high = escapedAt(pattern, i + 1);
      if (high === undefined) return undefined;
      highByte = high.byte;
      i = high.end;
    }
    for (let byte = low.byte; byte <= highByte; byte++) bytes[byte] = 1;
  }
  if (i >= pattern.length) return undefined;
  if (isCaseFolded) for (let byte = 65; byte <= 90; byte++) if (bytes[byte] === 1) bytes[byte + 32] = 1;
  if (isNegated) for (let byte = 0; byte < 256; byte++) bytes[byte] = 1 - (bytes[byte] ?? 0);
  return { bytes, end: i + 1 };
}

function escapedAt(pattern: string, i: number): { readonly byte: number; readonly end: number } | undefined {
  const at = pattern[i] === '\\' ? i + 1 : i;
  return at < pattern.length ? { byte: pattern.charCodeAt(at), end: at + 1 } : undefined;
}

/** Chooses the cheapest test for the pieces; what it returns is HOT. */
function testOf(pieces: readonly (readonly Atom[])[]): TextTest {
  const literals = pieces.map(literalOf);
  const [first, last] = [literals[0], literals.at(-1)];
  if (first !== undefined && last !== undefined) {
    if (pieces.length === 1) return (text) => text === first;
    const middle = literals.slice(1, -1).filter((literal) => literal !== '');
    if (middle.length === 0) return prefixAndSuffixTest(first, last);
    const [only] = middle;
    if (middle.length === 1 && first === '' && last === '' && only !== undefined) {
      return (text) => text.includes(only);
    }
  }
  return (text) => matchPieces(pieces, text);
}

function prefixAndSuffixTest(prefix: string, suffix: string): TextTest {
  if (suffix === '') return (text) => text.startsWith(prefix);
  if (prefix === '') return (text) => text.endsWith(suffix);
  const leastLength = prefix.length + suffix.length;
  return (text) => text.length >= leastLength && text.startsWith(prefix) && text.endsWith(suffix);
}

function literalOf(piece: readonly Atom[]): string | undefined {
  let literal = '';
  for (const atom of piece) {
    if (typeof atom !== 'number') return undefined;
    literal += String.fromCharCode(atom);
  }
  return literal;
}

function matchPieces(pieces: readonly (readonly Atom[])[], text: string): boolean {
  const first = pieces[0] ?? [];
  const last = pieces.length > 1 ? (pieces[pieces.length - 1] ?? []) : undefined;
  if (!pieceAt(first, text, 0)) return false;
  if (last === undefined) return first.length === text.length;
  const end = text.length - last.length;
  let at = first.length;
  if (end < at || !pieceAt(last, text, end)) return false;
  for (let i = 1; i < pieces.length - 1; i++) {
    const piece = pieces[i] ?? [];
    while (at + piece.length <= end && !pieceAt(piece, text, at)) at++;
    if (at + piece.length > end) return false;
    at += piece.length;
  }
  return true;
}

function pieceAt(piece: readonly Atom[], text: string, at: number): boolean {
  if (at + piece.length > text.length) return false;
  for (let i = 0; i < piece.length; i++) {
    const atom = piece[i];
    const byte = text.charCodeAt(at + i);
    if (typeof atom === 'number' ? atom !== byte : atom?.[byte] !== 1) return false;
  }
  return true;
}
