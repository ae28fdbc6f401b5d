/**
 * Paths of configuration keys, as `-o` takes them: names with dots between, `[2]` for an item of a list, `[]` for a
 * new item at its end, a backslash before a dot or bracket that belongs to a name.
 */

import type { ConfigNode } from '@peregrine/base';

export type Step =
  | { readonly kind: 'key'; readonly name: string }
  | { readonly kind: 'item'; readonly index: number }
  | { readonly kind: 'append' };

/** Items that a path may make a list grow to. */
const MOST_ITEMS = 10_000;

/** The steps, or what is wrong with the path. */
export function parseKeyPath(path: string): readonly Step[] | string {
  const steps: Step[] = [];
  let name = '';
  let isNameDue = true;
  for (let i = 0; i < path.length; i++) {
    const char = path[i];
    if (char === '\\' && i + 1 < path.length) {
      name += path[++i];
    } else if (char === '.') {
      if (name !== '') steps.push({ kind: 'key', name });
      else if (isNameDue) return 'a name is missing before a dot';
      name = '';
      isNameDue = true;
      continue;
    } else if (char === '[') {
      if (name !== '') steps.push({ kind: 'key', name });
      else if (isNameDue) return 'a name is missing before a bracket';
      name = '';
      const end = path.indexOf(']', i);
      if (end < 0) return 'a bracket is not closed';
      const index = path.slice(i + 1, end);
      if (index === '') steps.push({ kind: 'append' });
      else if (/^\d{1,6}$/.test(index)) steps.push({ kind: 'item', index: Number(index) });
      else return `\`${index}\` is not the number of an item`;
      i = end;
      const next = path[i + 1];
      if (next !== undefined && next !== '.' && next !== '[') return `\`${next}\` cannot follow a bracket`;
      isNameDue = false;
      continue;
    } else if (char === ']') {
      return 'a bracket is closed that was not opened';
    } else {
      name += char;
    }
    isNameDue = false;
  }
  if (name !== '') steps.push({ kind: 'key', name });
  else if (isNameDue) return 'a name is missing at the end';
  return steps;
}

/** The tree with `value` at the path; what stands in the way is replaced. The given tree stays as it is. */
export function setAt(
  root: ConfigNode | undefined,
  steps: readonly Step[],
  value: ConfigNode,
): ConfigNode | string {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  if (step.kind === 'key') {
    const entries = new Map(root?.kind === 'map' ? root.entries : []);
    const child = setAt(entries.get(step.name), rest, value);
    if (typeof child === 'string') return child;
    entries.set(step.name, child);
    return { kind: 'map', entries, span: root?.span };
  }
  const items = root?.kind === 'list' ? [...root.items] : [];
  const index = step.kind === 'append' ? items.length : step.index;
  if (index >= MOST_ITEMS) return `a list cannot have more than ${MOST_ITEMS} items`;
  while (items.length < index) items.push({ kind: 'scalar', text: '', isNull: true, span: undefined });
  const child = setAt(items[index], rest, value);
  if (typeof child === 'string') return child;
  items[index] = child;
  return { kind: 'list', items, span: root?.span };
}

/** What stands at the path; `undefined` when nothing does. */
export function getAt(root: ConfigNode, steps: readonly Step[]): ConfigNode | undefined {
  let node: ConfigNode | undefined = root;
  for (const step of steps) {
    if (step.kind === 'key') node = node?.kind === 'map' ? node.entries.get(step.name) : undefined;
    else if (step.kind === 'item') node = node?.kind === 'list' ? node.items[step.index] : undefined;
    else return undefined;
  }
  return node;
}
