/** Looking into JSON that somebody else wrote: whatever is absent or of another type counts as empty. */

export type JsonObject = Readonly<Record<string, unknown>>;

/** `undefined` for lists, too. */
export function objectIn(value: unknown): JsonObject | undefined {
  // A JSON object has text keys and nothing else.
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
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
