/** JSON patch (RFC 6902) and JSON merge patch (RFC 7386). */

import { documentIn } from '@peregrine/base';
import {
  documentsAt,
  isList,
  isSame,
  type Json,
  type JsonDocument,
  textAt,
  toDocument,
} from '../document.ts';
import { StatusError } from '../status.ts';

export function mergePatched(target: JsonDocument, patch: JsonDocument): JsonDocument {
  const merged: Record<string, Json> = { ...target };
  for (const [key, value] of Object.entries(patch)) {
    const below = documentIn(value);
    if (value === null) delete merged[key];
    else if (below !== undefined) merged[key] = mergePatched(documentIn(merged[key]) ?? {}, below);
    else merged[key] = value;
  }
  return merged;
}

/** Throws a 422 where an operation cannot be done, as API servers do. */
export function jsonPatched(target: JsonDocument, operations: Json): JsonDocument {
  if (!isList(operations)) throw refused('a JSON patch is a list of operations');
  let patched: Json = target;
  for (const operation of documentsAt(operations)) patched = applied(patched, operation);
  return toDocument(patched);
}

function applied(target: Json, operation: JsonDocument): Json {
  const path = partsOf(textAt(operation, 'path'));
  const { value } = operation;
  switch (textAt(operation, 'op')) {
    case 'add':
      return changed(target, path, (parent, key) => added(parent, key, given(value, path)));
    case 'replace':
      return changed(target, path, (parent, key) => replaced(parent, key, given(value, path)));
    case 'remove':
      return changed(target, path, removed);
    case 'test':
      if (!isSame(found(target, path), value))
        throw refused(`testing path ${textAt(operation, 'path')}: test failed`);
      return target;
    case 'copy': {
      const copied = found(target, partsOf(textAt(operation, 'from')));
      return changed(target, path, (parent, key) => added(parent, key, copied));
    }
    case 'move': {
      const from = partsOf(textAt(operation, 'from'));
      const moved = found(target, from);
      return changed(changed(target, from, removed), path, (parent, key) => added(parent, key, moved));
    }
    default:
      throw refused(`unexpected kind: ${textAt(operation, 'op')}`);
  }
}

function partsOf(pointer: string): readonly string[] {
  if (!pointer.startsWith('/')) throw refused(`missing or wrong path: ${JSON.stringify(pointer)}`);
  return pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

type Change = (parent: Json, key: string) => Json;

function changed(target: Json, path: readonly string[], change: Change): Json {
  const [key = '', ...rest] = path;
  if (rest.length === 0) return change(target, key);
  return replaced(target, key, changed(found(target, [key]), rest, change));
}

function found(target: Json, path: readonly string[]): Json {
  let value: Json | undefined = target;
  for (const key of path) {
    value = isList(value) ? value[Number(key)] : documentIn(value)?.[key];
    if (value === undefined) throw refused(`doc is missing path: /${path.join('/')}: missing value`);
  }
  return value;
}

function added(parent: Json, key: string, value: Json): Json {
  if (!isList(parent)) return { ...toDocument(parent), [key]: value };
  const index = key === '-' ? parent.length : Number(key);
  if (!(index >= 0 && index <= parent.length)) throw refused(`unable to access invalid index: ${key}`);
  return parent.toSpliced(index, 0, value);
}

function replaced(parent: Json, key: string, value: Json): Json {
  found(parent, [key]);
  return isList(parent) ? parent.with(Number(key), value) : { ...toDocument(parent), [key]: value };
}

function removed(parent: Json, key: string): Json {
  found(parent, [key]);
  if (isList(parent)) return parent.toSpliced(Number(key), 1);
  const { [key]: _, ...rest } = toDocument(parent);
  return rest;
}

function given(value: Json | undefined, path: readonly string[]): Json {
  if (value === undefined) throw refused(`missing value for /${path.join('/')}`);
  return value;
}

function refused(why: string): StatusError {
  return new StatusError({
    code: 422,
    reason: 'Invalid',
    message: `the server rejected our request due to an error in our request: ${why}`,
    details: {},
  });
}
