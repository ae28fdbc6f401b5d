/** Lists: selectors, pages, and the version that a watch goes on from. */

import { compact, type JsonDocument, textAt } from '../document.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import { apiVersionOf, isCustom, type ResourceType } from '../objects/resource-types.ts';
import { parseFieldSelector, parseLabelSelector, type Selects } from '../objects/selectors.ts';
import { badRequest, expired } from '../status.ts';

/** What `labelSelector` and `fieldSelector` choose. */
export function selectionOf(type: ResourceType, query: URLSearchParams): Selects {
  const byLabel = parseLabelSelector(query.get('labelSelector') ?? '');
  const byField = parseFieldSelector(query.get('fieldSelector') ?? '', type.resource);
  return (object) => byLabel(object) && byField(object);
}

/** `PodList` and its like. */
export function listObjects(
  store: ObjectStore,
  type: ResourceType,
  namespace: string,
  query: URLSearchParams,
): JsonDocument {
  const limit = Number(query.get('limit') ?? 0);
  const from = query.get('continue') ?? '';
  const { start, version } = from === '' ? { start: '', version: store.version } : parseToken(from);
  if (version < store.forgotten) {
    throw expired('The provided continue parameter is too old to display a consistent list result.');
  }
  const selects = selectionOf(type, query);
  const all = store.list(type, namespace).filter((object) => selects(object) && keyOf(object) > start);
  const items = limit > 0 ? all.slice(0, limit) : all;
  const last = items.at(-1);
  const left = all.length - items.length;
  return {
    kind: `${type.kind}List`,
    apiVersion: apiVersionOf(type),
    metadata: compact({
      resourceVersion: String(version),
      continue: left > 0 && last !== undefined ? renderToken(keyOf(last), version) : undefined,
      remainingItemCount: left > 0 ? left : undefined,
    }),
    items: isCustom(type) ? items : items.map(({ kind: _, apiVersion: __, ...item }) => item),
  };
}

function keyOf(object: JsonDocument): string {
  return `${textAt(object, 'metadata', 'namespace')}/${textAt(object, 'metadata', 'name')}`;
}

function renderToken(start: string, version: number): string {
  return Buffer.from(JSON.stringify({ start, version })).toString('base64url');
}

function parseToken(token: string): { readonly start: string; readonly version: number } {
  try {
    const { start, version } = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
    return { start: String(start), version: Number(version) };
  } catch {
    throw badRequest('continue key is not valid');
  }
}
