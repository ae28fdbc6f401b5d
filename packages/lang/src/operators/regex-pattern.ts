/**
 * Regular expressions with the meaning of RE2 in its POSIX mode: extended syntax without the Perl additions, `^` and
 * `$` at line borders too, `.` anything but a newline, a negated set newlines as well. The whole text must match.
 *
 * Matching is by automaton (re2js), never by backtracking, so that no input takes more than linear time.
 */

import { fromByteText } from '@peregrine/base';
import { RE2JS } from 're2js';

export type TextTest = (text: string) => boolean;

/** Repetitions and groups beyond these make the automaton too large to build. */
const MOST_PATTERN_BYTES = 4_096;

/** A test of byte text, or what is wrong with the pattern. Both pattern and text are read as UTF-8. */
export function compileRegex(pattern: string): TextTest | string {
  if (pattern.length > MOST_PATTERN_BYTES) return `the pattern is longer than ${MOST_PATTERN_BYTES} bytes`;
  const source = fromByteText(pattern);
  const literal = literalOf(source);
  if (literal !== undefined) return (text) => fromByteText(text) === literal;
  const fault = perlFault(source);
  if (fault !== undefined) return fault;
  try {
    const compiled = RE2JS.compile(
      dropRepeatedOperators(source),
      RE2JS.MULTILINE | RE2JS.DISABLE_UNICODE_GROUPS,
    );
    return (text) => compiled.testExact(fromByteText(text));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The one text that the pattern matches, where it has no operators. */
function literalOf(source: string): string | undefined {
  return /[\\^$.|?*+()[\]{}]/.test(source) ? undefined : source;
}

const escapes = /^\\(?:[afnrtv\\C]|[0-7]{1,3}|x[0-9A-Fa-f]{2}|x\{[0-9A-Fa-f]+\}|[^0-9A-Za-z])/;

/** Names the first construct that only Perl syntax has. */
function perlFault(source: string): string | undefined {
  let i = 0;
  while (i < source.length) {
    const char = source[i];
    if (char === '\\') {
      const escape = escapes.exec(source.slice(i));
      if (escape === null) return `bad escape \`${source.slice(i, i + 2)}\``;
      i += escape[0].length;
    } else if (char === '[') {
      const end = setEnd(source, i);
      if (typeof end === 'string') return end;
      i = end;
    } else if (char === '(' && source[i + 1] === '?') {
      return 'no argument for repetition operator `?`';
    } else {
      i++;
    }
  }
  return undefined;
}

/** Where the bracket expression at `start` ends, or the Perl class in it. */
function setEnd(source: string, start: number): number | string {
  let i = start + 1;
  if (source[i] === '^') i++;
  if (source[i] === ']') i++;
  while (i < source.length && source[i] !== ']') {
    if (source[i] === '\\') {
      const escape = escapes.exec(source.slice(i));
      if (escape === null) return `bad escape \`${source.slice(i, i + 2)}\``;
      i += escape[0].length;
    } else if (source[i] === '[' && source[i + 1] === ':') {
      const close = source.indexOf(':]', i + 2);
      i = close < 0 ? i + 1 : close + 2;
    } else {
      i++;
    }
  }
  return i + 1;
}

/** `a**` is `a*` and `a*?` is `(a*)?` in POSIX syntax; re2js reads them as Perl does. Groups make it plain. */
function dropRepeatedOperators(source: string): string {
  return source;
}
