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

/** Tests themselves, without `and`, `or` and `not`. */
export function leavesOf(term: StoryTerm): readonly StoryTerm[] {
  return term.terms === undefined || term.terms.length === 0 ? [term] : term.terms.flatMap(leavesOf);
}

/** The segments together are the text. Tests that macros brought in are not in it and have none. */
export function highlightCondition(condition: string, term: StoryTerm | undefined): readonly Segment[] {
  if (term === undefined || condition.length > MOST_LENGTH) return [{ text: condition }];
  const places: { start: number; end: number; term: StoryTerm }[] = [];
  for (const leaf of leavesOf(term).slice(0, MOST_TERMS)) {
    const pattern = patternOf(leaf.text);
    if (pattern === undefined) continue;
    for (const match of condition.matchAll(pattern)) {
      const start = match.index;
      const end = start + match[0].length;
      if (places.some((other) => start < other.end && other.start < end)) continue;
      places.push({ start, end, term: leaf });
      break;
    }
  }
  places.sort((a, b) => a.start - b.start);
  const segments: Segment[] = [];
  let at = 0;
  for (const { start, end, term: found } of places) {
    if (start > at) segments.push({ text: condition.slice(at, start) });
    segments.push({ text: condition.slice(start, end), term: found });
    at = end;
  }
  if (at < condition.length) segments.push({ text: condition.slice(at) });
  return segments;
}

/** The test however it is spaced and quoted, and not as part of a longer word. */
function patternOf(text: string): RegExp | undefined {
  const tokens = text.match(/"[^"]*"|'[^']*'|[\w.[\]:/*$@%~-]+|[^\s\w]/g);
  if (tokens === null || tokens.length > 200) return undefined;
  const parts = tokens.map((token) => {
    const bare = /^["'](.*)["']$/.exec(token)?.[1];
    return bare === undefined ? `["']?${escaped(token)}["']?` : `["']?${escaped(bare)}["']?`;
  });
  return new RegExp(`(?<![\\w.\\]])${parts.join('\\s*')}(?![\\w.[])`, 'g');
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
