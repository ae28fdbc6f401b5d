/**
 * Strategic merge patch: lists of things that have a name are merged by it; others are replaced. Which lists and by what
 * key is part of the API's types. Server-side apply is the same here, since nobody else owns anything.
 */

import { documentIn } from '@peregrine/base';
import { documentAt, isList, isSame, type Json, type JsonDocument, textAt } from '../document.ts';

/** Keys by the list's name in its object; a list of two depends on which the entries have. */
const mergeKeys: Readonly<Record<string, readonly string[]>> = {
  containers: ['name'],
  initContainers: ['name'],
  ephemeralContainers: ['name'],
  env: ['name'],
  volumes: ['name'],
  imagePullSecrets: ['name'],
  secrets: ['name'],
  topologySpreadConstraints: ['topologyKey'],
  volumeMounts: ['mountPath'],
  volumeDevices: ['devicePath'],
  hostAliases: ['ip'],
  ports: ['containerPort', 'port'],
  conditions: ['type'],
  addresses: ['type'],
  taints: ['key'],
  ownerReferences: ['uid'],
};

/** Lists of plain values that grow. */
const grown: readonly string[] = ['finalizers'];

export function strategicPatched(target: JsonDocument, patch: JsonDocument): JsonDocument {
  const directive = textAt(patch, '$patch');
  if (directive === 'replace') return withoutDirectives(patch);
  if (directive === 'delete') return {};
  const merged: Record<string, Json> = { ...target };
  const kept = patch.$retainKeys;
  if (isList(kept)) for (const key of Object.keys(merged)) if (!kept.includes(key)) delete merged[key];
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$setElementOrder/') || key === '$retainKeys') continue;
    if (key.startsWith('$deleteFromPrimitiveList/')) {
      const name = key.slice('$deleteFromPrimitiveList/'.length);
      merged[name] = listOf(merged[name]).filter((entry) => !listOf(value).includes(entry));
      continue;
    }
    if (value === null) delete merged[key];
    else merged[key] = patchedValue(key, merged[key], value);
  }
  return merged;
}

function patchedValue(key: string, before: Json | undefined, value: Json): Json {
  if (isList(value)) return patchedList(key, listOf(before), value);
  const below = documentIn(value);
  return below === undefined ? value : strategicPatched(documentIn(before) ?? {}, below);
}

function patchedList(key: string, before: readonly Json[], patch: readonly Json[]): Json {
  if (grown.includes(key)) return [...before, ...patch.filter((entry) => !before.includes(entry))];
  const keys = mergeKeys[key];
  if (keys === undefined || patch.some((entry) => documentIn(entry) === undefined)) return patch;
  if (patch.some((entry) => textAt(entry, '$patch') === 'replace')) {
    return patch.filter((entry) => textAt(entry, '$patch') !== 'replace');
  }
  let merged = before;
  for (const entry of patch) {
    const mergeKey = keys.find((name) => documentAt(entry)[name] !== undefined);
    const place = merged.findIndex(
      (other) => mergeKey !== undefined && isSame(documentAt(other)[mergeKey], documentAt(entry)[mergeKey]),
    );
    const isGone = textAt(entry, '$patch') === 'delete';
    if (place < 0) merged = isGone ? merged : [...merged, strategicPatched({}, documentAt(entry))];
    else if (isGone) merged = merged.toSpliced(place, 1);
    else merged = merged.with(place, strategicPatched(documentAt(merged, place), documentAt(entry)));
  }
  return merged;
}

function withoutDirectives(patch: JsonDocument): JsonDocument {
  return Object.fromEntries(Object.entries(patch).filter(([key]) => !key.startsWith('$')));
}

function listOf(value: Json | undefined): readonly Json[] {
  return isList(value) ? value : [];
}
