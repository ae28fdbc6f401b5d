/**
 * A section of the configuration as people write it, made what schemas read. COMPAT: letter case of keys does not count;
 * an empty text is as good as nothing where nothing else makes sense; `a,b` is a list and `k:v,k2:v2` a map, as in
 * environment variables.
 */

import {
  type ConfigNode,
  type Keys,
  mapNode,
  type ObjectSchema,
  type ScalarNode,
  scalarNode,
  type ValueSchema,
} from '@peregrine/base';

/** `keys` are those that the section may have. Unknown ones stay, for the schema to complain of. */
export function tidySection(keys: Keys, node: ConfigNode | undefined): ConfigNode {
  if (node === undefined || (node.kind === 'scalar' && (node.isNull || node.text === ''))) return mapNode();
  if (node.kind !== 'map') return node;
  const entries: (readonly [string, ConfigNode])[] = [];
  for (const [written, child] of node.entries) {
    const name = Object.hasOwn(keys, written) ? written : written.toLowerCase();
    const of = Object.hasOwn(keys, name) ? keys[name] : undefined;
    const tidied = of === undefined ? child : tidyValue(of, child);
    if (tidied !== undefined) entries.push([name, tidied]);
  }
  return mapNode(entries, node.span);
}

/** `undefined`: as good as not written. */
function tidyValue(of: ValueSchema<unknown>, node: ConfigNode): ConfigNode | undefined {
  if (isObject(of)) return tidySection(of.keys, node);
  const { items } = of;
  if (node.kind === 'list' && items !== undefined) {
    return { ...node, items: node.items.map((item) => tidyValue(items, item) ?? item) };
  }
  if (node.kind !== 'scalar') return node;
  const isEmpty = node.isNull || node.text.trim() === '';
  switch (of.json.type) {
    case 'array':
      if (isEmpty) return { kind: 'list', items: [], span: node.span };
      return {
        kind: 'list',
        items: partsOf(node.text).map((part) => scalarNode(part, node.span)),
        span: node.span,
      };
    case 'object':
      if (isEmpty) return mapNode([], node.span);
      return mapOf(node);
    default:
      // A text that may be left out may be empty; anything else that is empty was not meant.
      return isEmpty && (of.fallback === undefined || of.type !== 'text') ? undefined : node;
  }
}

function partsOf(text: string): readonly string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** Text that is no map stays what it is, for the schema to complain of. */
function mapOf(node: ScalarNode): ConfigNode {
  const pairs = pairsOf(node.text);
  if (pairs === undefined) return node;
  return mapNode(
    pairs.map(([name, value]) => [name, scalarNode(value, node.span)]),
    node.span,
  );
}

/** Of `k:v,k2:v2`; at the first colon, so that addresses can be values. `undefined` where a part has no colon. */
export function pairsOf(text: string): readonly (readonly [string, string])[] | undefined {
  const parts = partsOf(text);
  if (parts.some((part) => part.indexOf(':') < 1)) return undefined;
  return parts.map((part) => {
    const at = part.indexOf(':');
    return [part.slice(0, at).trim(), part.slice(at + 1).trim()];
  });
}

export function isObject(of: ValueSchema<unknown>): of is ObjectSchema<Keys> {
  return 'keys' in of;
}
