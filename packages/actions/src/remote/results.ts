/** What somebody who was called answers, for conditions of later steps. */

import { type HubValue, parseJson, skipSpace } from '@peregrine/alert';
import type { ActionOutcome } from '../action.ts';

/** Longest answer that is looked at, bytes. */
export const MOST_RESULT_BYTES = 65_536;
const MOST_RESULTS = 500;
const MOST_DEPTH = 8;

export interface ReadResults {
  readonly results: Readonly<Record<string, HubValue>>;
  /** Why there are none, or not all; for people, after what was done. */
  readonly note: string | undefined;
}

/**
 * The keys of a JSON object, those of objects within it after a dot: `{"a": {"b": 1}}` is `a.b`. Anything else is `answer`,
 * text that is no JSON as it is; nothing is nothing. Numbers are kept to the last digit.
 */
export function resultsOf(body: string): ReadResults {
  if (body.trim() === '') return { results: {}, note: undefined };
  if (Buffer.byteLength(body) > MOST_RESULT_BYTES)
    return {
      results: {},
      note: `its answer is longer than ${MOST_RESULT_BYTES / 1024} KiB and was left out`,
    };
  const parsed = parseJson(body);
  const isJson = 'value' in parsed && skipSpace(body, parsed.end) >= body.length;
  if (!isJson) return { results: { answer: body.trim() }, note: undefined };
  if (!isMap(parsed.value)) return { results: { answer: parsed.value }, note: undefined };
  const entries = entriesOf(parsed.value, '', 1);
  return {
    results: Object.fromEntries(entries.slice(0, MOST_RESULTS)),
    note:
      entries.length > MOST_RESULTS
        ? `its answer has ${entries.length} values, of which ${MOST_RESULTS} were kept`
        : undefined,
  };
}

type ValueMap = { readonly [key: string]: HubValue };

function isMap(value: HubValue): value is ValueMap {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function entriesOf(map: ValueMap, prefix: string, depth: number): readonly (readonly [string, HubValue])[] {
  return Object.entries(map).flatMap(([key, value]) =>
    depth < MOST_DEPTH && isMap(value)
      ? entriesOf(value, `${prefix}${key}.`, depth + 1)
      : [[`${prefix}${key}`, value] as const],
  );
}

/** That it was done, with what was answered. `more`: results beside it, which win. */
export function doneWith(
  summary: string,
  body: string,
  more: Readonly<Record<string, HubValue>> = {},
): ActionOutcome {
  const { results, note } = resultsOf(body);
  return {
    kind: 'done',
    summary: note === undefined ? summary : `${summary}; ${note}`,
    results: { ...results, ...more },
  };
}
