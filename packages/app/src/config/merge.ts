/** Puts one configuration file onto another. Only keys of the top level are looked at. */

import { type ConfigNode, type MapNode, mapNode } from '@peregrine/base';

/** `append`: lists grow, everything else is replaced. `override`: all is replaced. `add-only`: only what is new. */
export type MergeStrategy = 'append' | 'override' | 'add-only';

/** COMPAT: a name that is none of them means `append`. */
export function strategyOf(name: string): MergeStrategy {
  return name === 'override' || name === 'add-only' ? name : 'append';
}

export function merge(onto: MapNode, from: MapNode, strategy: MergeStrategy): MapNode {
  const entries = new Map<string, ConfigNode>(onto.entries);
  for (const [name, added] of from.entries) {
    const present = entries.get(name);
    if (present === undefined || strategy === 'override') entries.set(name, added);
    else if (strategy === 'append') entries.set(name, appended(present, added));
  }
  return mapNode(entries, onto.span);
}

function appended(present: ConfigNode, added: ConfigNode): ConfigNode {
  if (present.kind !== 'list' || added.kind !== 'list') return added;
  return { kind: 'list', items: [...present.items, ...added.items], span: present.span };
}
