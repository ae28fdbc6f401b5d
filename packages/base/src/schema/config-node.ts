/**
 * A configuration tree, whatever text it came from: what schemas read. Scalars are text; their types are the
 * schema's affair. Readers of YAML or of the command line make these trees and say where each part stands.
 */

import type { Span } from '../diagnostic.ts';

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly text: string;
  /** Nothing was written, or `null`: schemas take it as absent. */
  readonly isNull: boolean;
  readonly span: Span | undefined;
}

export interface ListNode {
  readonly kind: 'list';
  readonly items: readonly ConfigNode[];
  readonly span: Span | undefined;
}

export interface MapNode {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, ConfigNode>;
  readonly span: Span | undefined;
}

export type ConfigNode = ScalarNode | ListNode | MapNode;

export function scalarNode(text: string, span?: Span): ScalarNode {
  return { kind: 'scalar', text, isNull: false, span };
}

export function mapNode(entries: Iterable<readonly [string, ConfigNode]> = [], span?: Span): MapNode {
  return { kind: 'map', entries: new Map(entries), span };
}

/** How people call a node's kind. */
export function nameOfKind(node: ConfigNode): string {
  if (node.kind === 'scalar') return node.isNull ? 'nothing' : 'a single value';
  return node.kind === 'list' ? 'a list' : 'a map of keys';
}

/** The tree as plain data, every scalar as text: for `--support` bundles and for JSON. */
export function plainOf(node: ConfigNode): unknown {
  switch (node.kind) {
    case 'scalar':
      return node.isNull ? null : node.text;
    case 'list':
      return node.items.map(plainOf);
    case 'map':
      return Object.fromEntries([...node.entries].map(([key, value]) => [key, plainOf(value)]));
  }
}
