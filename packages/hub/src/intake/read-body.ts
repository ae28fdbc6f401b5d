/**
 * The alerts in a body: one JSON object, several after each other (a line for each, or not), or a list of them.
 *
 * COMPAT: what follows the first value of a body and is no object is ignored, as falcosidekick does with all that follows.
 * In a body that says that it is a stream of lines, everything counts.
 */

import { type HubValue, parseJson, type StoryContinuation, skipSpace } from '@peregrine/alert';
import { type DecodedAlert, decodeAlert } from './decode-alert.ts';
import { decodeContinuation } from './decode-story.ts';

export type BodyItem = DecodedAlert | StoryContinuation | { readonly problem: string };

export interface ReadBody {
  /** Empty when there is nothing that could be an alert. */
  readonly items: readonly BodyItem[];
  /** Whether the answer should say what became of each. */
  readonly isBatch: boolean;
}

export function readBody(text: string, isLines: boolean): ReadBody {
  if (isLines) return { items: readLines(text), isBatch: true };
  const first = parseJson(text);
  if ('problem' in first) return { items: [{ problem: first.problem }], isBatch: false };
  if (Array.isArray(first.value)) {
    const values: readonly HubValue[] = first.value;
    return { items: values.map(decodeItem), isBatch: true };
  }
  const items: BodyItem[] = [decodeItem(first.value)];
  let at = skipSpace(text, first.end);
  while (text[at] === '{') {
    const next = parseJson(text, at);
    if ('problem' in next) break;
    items.push(decodeItem(next.value));
    at = skipSpace(text, next.end);
  }
  return { items, isBatch: items.length > 1 };
}

/** One for each line that is not empty. */
export function readLines(text: string): readonly BodyItem[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(readLine);
}

function readLine(line: string): BodyItem {
  const parsed = parseJson(line);
  if ('problem' in parsed) return { problem: parsed.problem };
  if (skipSpace(line, parsed.end) < line.length) return { problem: 'a line has one JSON object' };
  return decodeItem(parsed.value);
}

function decodeItem(value: HubValue): BodyItem {
  if (typeof value !== 'object' || value === null || !('story_of' in value)) return decodeAlert(value);
  return (
    decodeContinuation(value) ?? { problem: '`story_of` names no story, or `after` is no list of events' }
  );
}
