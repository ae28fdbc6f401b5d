/** Configuration trees from plain data, for tests that have no file. */

import { type ConfigNode, mapNode, scalarNode } from '@peregrine/base';

export function nodeOf(value: unknown): ConfigNode {
  if (Array.isArray(value)) return { kind: 'list', items: value.map(nodeOf), span: undefined };
  if (typeof value === 'object' && value !== null)
    return mapNode(Object.entries(value).map(([key, own]) => [key, nodeOf(own)] as const));
  return value === null || value === undefined
    ? { kind: 'scalar', text: '', isNull: true, span: undefined }
    : scalarNode(String(value));
}
