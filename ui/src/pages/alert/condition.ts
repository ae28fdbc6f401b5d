/** Where in the text of a rule's condition the tests are that held, and those that did not. */

import type { StoryTerm } from '@peregrine/api/contract';

export interface Segment {
  readonly text: string;
  /** `undefined`: nothing is known of it. */
  readonly term?: StoryTerm | undefined;
}

/** Longer texts are shown as they are. */
const MOST_LENGTH = 100_000;
const MOST_TERMS = 500;

/** Tests themselves, without `and`, `or` and `not`, those that macros stand for included. */
export function leavesOf(term: StoryTerm): readonly StoryTerm[] {
  return term.terms === undefined || term.terms.length === 0 ? [term] : term.terms.flatMap(leavesOf);
}

/** A part that stands for others by a name of its own. */
export function isMacro(term: StoryTerm): boolean {
  return term.terms !== undefined && term.terms.length > 0 && !/^(?:and|or|not)$/.test(term.text);
}

/** What the text itself consists of: tests, and macros by their names. */
function partsOf(term: StoryTerm): readonly StoryTerm[] {
  return isMacro(term) || term.terms === undefined || term.terms.length === 0
    ? [term]
    : term.terms.flatMap(partsOf);
}

class Places {
  readonly #text: string;
  readonly #taken: { readonly start: number; readonly end: number; readonly term: StoryTerm }[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  /** Gives the term the first free place that fits. False: there is none. */
  take(term: StoryTerm, pattern: RegExp | undefined): boolean {
    if (pattern === undefined) return false;
    for (const match of this.#text.matchAll(pattern)) {
      const start = match.index;
      const end = start + match[0].length;
      if (end === start || this.#taken.some((other) => start < other.end && other.start < end)) continue;
      this.#taken.push({ start, end, term });
      return true;
    }
    return false;
  }

  segments(): readonly Segment[] {
    const text = this.#text;
    const segments: Segment[] = [];
    let at = 0;
    for (const { start, end, term } of this.#taken.sort((a, b) => a.start - b.start)) {
      if (start > at) segments.push({ text: text.slice(at, start) });
      segments.push({ text: text.slice(start, end), term });
      at = end;
    }
    if (at < text.length) segments.push({ text: text.slice(at) });
    return segments;
  }
}

/**
 * The segments together are the text. Tests that are written as they are take their places first, then macros, then tests
 * whose lists the text has by name.
 */
export function highlightCondition(condition: string, term: StoryTerm | undefined): readonly Segment[] {
  if (term === undefined || condition.length > MOST_LENGTH) return [{ text: condition }];
  const places = new Places(condition);
  const parts = partsOf(term).slice(0, MOST_TERMS);
  const macros = parts.filter(isMacro);
  const tests = parts.filter((part) => !isMacro(part));
  const unplaced = tests.filter((test) => !places.take(test, patternOf(test.text)));
  const unnamed = macros.filter((macro) => !places.take(macro, namePattern(macro.text)));
  for (const test of unplaced) places.take(test, listPattern(test.text));
  // The text may have what a macro stands for in place of its name.
  for (const test of unnamed.flatMap(leavesOf).slice(0, MOST_TERMS)) places.take(test, patternOf(test.text));
  return places.segments();
}

/** The test however it is spaced and quoted, and not as part of a longer word. */
function patternOf(text: string): RegExp | undefined {
  const tokens = tokensOf(text);
  return tokens === undefined ? undefined : new RegExp(`${BEFORE}${joined(tokens)}${AFTER}`, 'g');
}

/** Of a test with a list: what comes before the list, and any list. */
function listPattern(text: string): RegExp | undefined {
  const head = /^(.{1,200}?\s(?:in|pmatch|intersects|iglob|glob)\s*)\(/.exec(text)?.[1];
  const tokens = head === undefined ? undefined : tokensOf(head);
  return tokens === undefined ? undefined : new RegExp(`${BEFORE}${joined(tokens)}\\s*\\([^()]*\\)`, 'g');
}

function namePattern(name: string): RegExp | undefined {
  return /^[\w-]+$/.test(name) ? new RegExp(`(?<![\\w.\\]"'-])${name}(?![\\w.["'(-])`, 'g') : undefined;
}

const BEFORE = '(?<![\\w.\\]])';
const AFTER = '(?![\\w.[])';

function tokensOf(text: string): readonly string[] | undefined {
  const tokens = text.match(/"[^"]*"|'[^']*'|[\w.[\]:/*$@%~-]+|[^\s\w]/g);
  return tokens === null || tokens.length > 200 ? undefined : tokens;
}

function joined(tokens: readonly string[]): string {
  const parts = tokens.map((token) => {
    // One operator has two spellings.
    if (token === '=') return '==?';
    const bare = /^["'](.*)["']$/.exec(token)?.[1];
    return `["']?${escaped(bare ?? token)}["']?`;
  });
  return parts.join('\\s*');
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
