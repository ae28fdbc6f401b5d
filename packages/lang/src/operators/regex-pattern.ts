/**
 * Regular expressions with the meaning of RE2 in its POSIX mode: extended syntax without the Perl additions, `^` and
 * `$` at line borders too, `.` anything but a newline, a negated set newlines as well. The whole text must match.
 *
 * Matching is by automaton (re2js), never by backtracking, so that no input takes more than linear time.
 */

import { createRequire } from 'node:module';
import { fromByteText } from '@peregrine/base';
import type * as Re2 from 're2js';
import { fromPosix } from './regex-syntax.ts';

export type TextTest = (text: string) => boolean;

/** Longer patterns make automata that take too long to build. */
const MOST_PATTERN_BYTES = 4_096;

/** Loads it on first use, since few rules have a pattern that needs it; Node keeps it from then on. */
function loadLibrary(): typeof Re2 {
  // `as`: `require` cannot know the type of what it loads.
  return createRequire(import.meta.url)('re2js') as typeof Re2;
}

/** A test of byte text, or what is wrong with the pattern. Both pattern and text are read as UTF-8. */
export function compileRegex(pattern: string): TextTest | string {
  if (pattern.length > MOST_PATTERN_BYTES) return `the pattern is longer than ${MOST_PATTERN_BYTES} bytes`;
  const source = fromByteText(pattern);
  if (!/[\\^$.|?*+()[\]{}]/.test(source)) return (text) => fromByteText(text) === source;
  const posix = fromPosix(source);
  if (posix.kind === 'fault') return posix.reason;
  const { RE2JS } = loadLibrary();
  try {
    const compiled = RE2JS.compile(posix.source, RE2JS.MULTILINE | RE2JS.DISABLE_UNICODE_GROUPS);
    return (text) => compiled.testExact(fromByteText(text));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
