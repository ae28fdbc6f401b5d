/**
 * `pmatch`: the components of one of the operands begin the path. Operands share one tree of components, so that
 * many cost little more than one.
 */

import { compileGlob, hasGlobSigns, type TextTest } from './glob-pattern.ts';
import type { Operator } from './operator.ts';
import { never, textOf } from './scalar.ts';

interface Node {
  isEnd: boolean;
  readonly exact: Map<string, Node>;
  readonly globs: { readonly pattern: string; readonly test: TextTest; readonly node: Node }[];
}

function createNode(): Node {
  return { isEnd: false, exact: new Map(), globs: [] };
}

/** The tree of `paths`. A path without components (`/`) begins every path. */
function treeOf(paths: readonly string[]): Node {
  const root = createNode();
  for (const path of paths) {
    let node = root;
    for (const component of path.split('/')) if (component !== '') node = childOf(node, component);
    node.isEnd = true;
  }
  return root;
}

function childOf(node: Node, component: string): Node {
  if (!hasGlobSigns(component)) {
    const known = node.exact.get(component);
    if (known !== undefined) return known;
    const child = createNode();
    node.exact.set(component, child);
    return child;
  }
  const known = node.globs.find((entry) => entry.pattern === component);
  if (known !== undefined) return known.node;
  const child = createNode();
  node.globs.push({ pattern: component, test: compileGlob(component, { isCaseFolded: false }), node: child });
  return child;
}

/** Each node is met at most once, since it stands at one depth. */
function isBegun(node: Node, path: string, start: number): boolean {
  if (node.isEnd) return true;
  let at = start;
  while (at < path.length && path.charCodeAt(at) === 47) at++;
  if (at === path.length) return false;
  const slash = path.indexOf('/', at);
  const end = slash < 0 ? path.length : slash;
  const component = path.slice(at, end);
  const child = node.exact.get(component);
  if (child !== undefined && isBegun(child, path, end)) return true;
  for (const entry of node.globs) if (entry.test(component) && isBegun(entry.node, path, end)) return true;
  return false;
}

export const pmatch: Operator = {
  symbol: 'pmatch',
  doc: 'The path is one of the operands or lies below it; their components may be shell patterns.',
  families: ['text'],
  takesLists: false,
  right: 'list',
  takesModifier: false,
  takesOperand: false,
  holds: [
    ['/etc/ssh/sshd_config', '/etc'],
    ['/etc', '/etc'],
    ['/etc/', '/etc'],
    ['//etc///ssh', '/etc/ssh/'],
    ['/home/ann/.ssh/id', '/var', '/home/*/.ssh'],
    ['/var/log/a', '/var/run', '/var/log'],
    ['/anything', '/'],
  ],
  fails: [
    ['/etcetera', '/etc'],
    ['/', '/etc'],
    ['', '/etc'],
    ['/home/.ssh', '/home/*/.ssh'],
    ['/usr/etc', '/etc'],
    ['/etc'],
  ],
  prepare: (constants) => {
    if (constants.length === 0) return never;
    const tree = treeOf(constants.map(textOf));
    return (left) => typeof left === 'string' && isBegun(tree, left, 0);
  },
};
