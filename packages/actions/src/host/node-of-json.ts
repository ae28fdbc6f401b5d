/** JSON as the tree that schemas read. */

import { type ConfigNode, mapNode, scalarNode } from '@peregrine/base';

export function nodeOfJson(value: unknown): ConfigNode {
  if (Array.isArray(value)) return { kind: 'list', items: value.map(nodeOfJson), span: undefined };
  if (typeof value === 'object' && value !== null)
    return mapNode(Object.entries(value).map(([key, own]) => [key, nodeOfJson(own)] as const));
  return value === null || value === undefined
    ? { kind: 'scalar', text: '', isNull: true, span: undefined }
    : scalarNode(String(value));
}
