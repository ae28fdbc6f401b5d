/** Puts a later part of an action or a rule onto an earlier one of the same name. COMPAT: as Talon merges. */

import { type ConfigNode, type Diagnostic, type MapNode, mapNode, nameOfKind } from '@peregrine/base';
import { otherShape } from './diagnostics.ts';

type Report = (diagnostic: Diagnostic) => void;
/** How two values of one key become one. */
type Merge = (first: ConfigNode, later: ConfigNode, path: string, report: Report) => ConfigNode;

const isNull = (node: ConfigNode): boolean => node.kind === 'scalar' && node.isNull;

/** Maps key by key, lists one after the other, single values by the later one. */
export const merged: Merge = (first, later, path, report) => {
  if (isNull(later)) return first;
  if (isNull(first)) return later;
  if (first.kind === 'map' && later.kind === 'map')
    return mergedMaps(first, later, path, report, () => merged);
  if (first.kind === 'list' && later.kind === 'list')
    return { ...later, items: [...first.items, ...later.items] };
  if (first.kind === 'scalar' && later.kind === 'scalar') return later;
  report(otherShape.at({ span: later.span }, path, nameOfKind(first), nameOfKind(later)));
  return first;
};

const keptOnceSet: Merge = (first, later) => (isNull(first) ? later : first);

const mergedOutput: Merge = (first, later, path, report) =>
  first.kind === 'map' && later.kind === 'map'
    ? mergedMaps(first, later, path, report, (key) => (key === 'target' ? keptOnceSet : merged))
    : merged(first, later, path, report);

/** Definitions of one action, the later one onto the earlier one. */
export function mergedAction(first: MapNode, later: MapNode, report: Report): MapNode {
  return mergedMaps(first, later, '', report, (key) => (key === 'output' ? mergedOutput : merged));
}

/** Of a rule, priority and source are always the later one's, even none. */
export function mergedRule(first: MapNode, later: MapNode, report: Report): MapNode {
  return mergedMaps(first, later, '', report, (key) => (key === 'match' ? mergedMatch : merged));
}

const mergedMatch: Merge = (first, later, path, report) => {
  if (first.kind !== 'map' || later.kind !== 'map') return merged(first, later, path, report);
  const lasting = mapNode(
    [...first.entries].filter(([key]) => key !== 'priority' && key !== 'source'),
    first.span,
  );
  return mergedMaps(lasting, later, path, report, () => merged);
};

function mergedMaps(
  first: MapNode,
  later: MapNode,
  path: string,
  report: Report,
  mergeOf: (key: string) => Merge,
): MapNode {
  const entries = new Map(first.entries);
  for (const [key, node] of later.entries) {
    const known = entries.get(key);
    const name = path === '' ? key : `${path}.${key}`;
    entries.set(key, known === undefined ? node : mergeOf(key)(known, node, name, report));
  }
  return mapNode(entries, later.span ?? first.span);
}
