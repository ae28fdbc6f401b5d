/** Looking into JSON that somebody else wrote: whatever is absent or of another type counts as empty. */

/** What `JSON.parse` gives. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonDocument = { readonly [key: string]: Json };

export type JsonObject = Readonly<Record<string, unknown>>;

/** `undefined` for lists, too. */
export function objectIn(value: unknown): JsonObject | undefined {
  // A JSON object has text keys and nothing else.
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

/** The same for values that are known to be JSON. */
export function documentIn(value: Json | undefined): JsonDocument | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonDocument) // What is JSON and none of the others.
    : undefined;
}

export function listIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** UTF-16. */
export function textIn(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** `undefined` when the text is no JSON object. */
export function parseObject(text: string): JsonObject | undefined {
  try {
    return objectIn(JSON.parse(text));
  } catch {
    return undefined;
  }
}
