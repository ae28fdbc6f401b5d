/** Objects of the API are JSON that is never changed in place: looking into them, and making altered copies. */

import { documentIn, type Json, type JsonDocument } from '@peregrine/base';

export type { Json, JsonDocument };

/** What is there, or `undefined`. A number is a place in a list. */
export function at(value: Json | undefined, ...path: readonly (string | number)[]): Json | undefined {
  let found = value;
  for (const part of path) {
    if (typeof part === 'number') found = isList(found) ? found[part] : undefined;
    else found = documentIn(found)?.[part];
  }
  return found;
}

/** Empty when there is none. Numbers and truth values as JSON has them. */
export function textAt(value: Json | undefined, ...path: readonly (string | number)[]): string {
  const found = at(value, ...path);
  if (typeof found === 'number' || typeof found === 'boolean') return String(found);
  return typeof found === 'string' ? found : '';
}

export function numberAt(value: Json | undefined, ...path: readonly (string | number)[]): number | undefined {
  const found = at(value, ...path);
  return typeof found === 'number' ? found : undefined;
}

/** Empty when there is none. */
export function documentAt(value: Json | undefined, ...path: readonly (string | number)[]): JsonDocument {
  return documentIn(at(value, ...path)) ?? {};
}

/** Empty when there is none. */
export function listAt(value: Json | undefined, ...path: readonly (string | number)[]): readonly Json[] {
  const found = at(value, ...path);
  return isList(found) ? found : [];
}

/** The objects of a list. */
export function documentsAt(
  value: Json | undefined,
  ...path: readonly (string | number)[]
): readonly JsonDocument[] {
  return listAt(value, ...path)
    .map((entry) => documentIn(entry))
    .filter((entry) => entry !== undefined);
}

export function textsAt(value: Json | undefined, ...path: readonly (string | number)[]): readonly string[] {
  return listAt(value, ...path).map((entry) => textAt(entry));
}

/** A copy with a value at a path, whose parts are made where they are missing; `undefined` takes it away. */
export function withAt(
  document: JsonDocument,
  path: readonly string[],
  value: Json | undefined,
): JsonDocument {
  const [first, ...rest] = path;
  if (first === undefined) return documentIn(value) ?? document;
  if (rest.length > 0) {
    if (value === undefined && document[first] === undefined) return document;
    return { ...document, [first]: withAt(documentAt(document, first), rest, value) };
  }
  if (value !== undefined) return { ...document, [first]: value };
  const { [first]: _, ...others } = document;
  return others;
}

/** Whether two values say the same; the order of keys does not count, and a missing key is as one without value. */
export function isSame(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (isList(a) || isList(b)) {
    return (
      isList(a) && isList(b) && a.length === b.length && a.every((entry, index) => isSame(entry, b[index]))
    );
  }
  const [left, right] = [documentIn(a), documentIn(b)];
  if (left === undefined || right === undefined) return (a ?? null) === (b ?? null);
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].every((key) =>
    isSame(left[key], right[key]),
  );
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** What a request's body says; a `TypeError` when it is no JSON object. */
export function toDocument(value: unknown): JsonDocument {
  // Values that parsers of JSON and YAML give.
  const found = documentIn(value as Json | undefined);
  if (found === undefined) throw new TypeError('not an object');
  return found;
}

/** Without what has no value: JSON has no `undefined`. */
export function compact(entries: Readonly<Record<string, Json | undefined>>): JsonDocument {
  // Those without a value are gone.
  return Object.fromEntries(
    Object.entries(entries).filter(([, value]) => value !== undefined),
  ) as JsonDocument;
}
