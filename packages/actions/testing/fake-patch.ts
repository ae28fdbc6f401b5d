/** Merge patches and selectors as the API server takes them, for the cluster of tests. */

import { type JsonObject, objectIn, textIn } from '@peregrine/base';

/** RFC 7396. */
export function mergePatch(object: JsonObject, patch: JsonObject): JsonObject {
  const merged: Record<string, unknown> = { ...object };
  for (const [name, value] of Object.entries(patch)) {
    const inner = objectIn(value);
    if (value === null) delete merged[name];
    else if (value !== undefined)
      merged[name] = inner === undefined ? value : mergePatch(objectIn(merged[name]) ?? {}, inner);
  }
  return merged;
}

/** Equality only, as actions use it. */
export function matchesSelector(
  object: JsonObject,
  labelSelector: string | undefined,
  fieldSelector: string | undefined,
): boolean {
  const labels = objectIn(objectIn(object.metadata)?.labels) ?? {};
  const isFine = (selector: string | undefined, valueAt: (name: string) => string): boolean =>
    (selector ?? '')
      .split(',')
      .filter((term) => term !== '')
      .every((term) => {
        const [name = '', value = ''] = term.split('=', 2);
        return valueAt(name) === value;
      });
  return (
    isFine(labelSelector, (name) => textIn(labels[name])) &&
    isFine(fieldSelector, (path) =>
      textIn(path.split('.').reduce<unknown>((value, name) => objectIn(value)?.[name], object)),
    )
  );
}
