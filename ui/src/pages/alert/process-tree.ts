/** The processes around an alert as rows of a tree: ancestors, the process, its siblings and children. */

import type { Alert, Story, StoryProcess } from '@peregrine/api/contract';
import { FieldReader } from './sentence.ts';

export interface TreeRow {
  readonly key: string;
  readonly process: Partial<StoryProcess> & { readonly name: string };
  readonly role: 'ancestor' | 'self' | 'sibling' | 'child';
  /** From 0. */
  readonly depth: number;
  readonly isLast: boolean;
  readonly hasChildren: boolean;
  /** For each depth before its own, whether the line of that one goes on below. */
  readonly guides: readonly boolean[];
  /** It is the first on its way down that is in this container. */
  readonly entersContainer: string | undefined;
  readonly position: number;
  readonly setSize: number;
}

interface Node {
  readonly process: TreeRow['process'];
  readonly role: TreeRow['role'];
  readonly children: Node[];
}

const MOST_LEVELS = 32;

export function processRows(alert: Pick<Alert, 'fields'>, story: Story | null): readonly TreeRow[] {
  const root = story?.process === undefined ? treeOfFields(alert) : treeOfStory(story, story.process);
  return root === undefined ? [] : rowsOf(root);
}

function treeOfStory(story: Story, process: StoryProcess): Node {
  const self: Node = {
    process,
    role: 'self',
    children: story.children.map((child) => ({ process: child, role: 'child', children: [] })),
  };
  const siblings = story.siblings
    .filter(({ pid }) => pid !== process.pid)
    .map((sibling): Node => ({ process: sibling, role: 'sibling', children: [] }));
  return beneath(story.ancestors, [...siblings, self], self);
}

/** Ancestors come nearest first. */
function beneath(ancestors: readonly TreeRow['process'][], level: readonly Node[], self: Node): Node {
  let below = [...level];
  let top = self;
  for (const process of ancestors) {
    top = { process, role: 'ancestor', children: below };
    below = [top];
  }
  return top;
}

function treeOfFields({ fields }: Pick<Alert, 'fields'>): Node | undefined {
  const read = new FieldReader(fields);
  const name = read.text('proc.name', 'proc.exepath', 'proc.exe');
  if (name === undefined) return undefined;
  const container = read.text('container.id');
  const process = {
    name,
    ...optional('pid', Number(read.text('proc.pid') ?? '') || undefined),
    ...optional('cmdline', read.text('proc.cmdline', 'proc.exeline')),
    ...optional('exePath', read.text('proc.exepath')),
    ...optional('user', read.text('user.name')),
    ...optional('containerId', container === 'host' ? '' : container),
  };
  const self: Node = { process, role: 'self', children: [] };
  const ancestors: TreeRow['process'][] = [];
  for (let level = 1; level < MOST_LEVELS; level++) {
    const parent = level === 1 ? 'proc.pname' : undefined;
    const text = (field: string, own?: string): string | undefined =>
      read.text(`proc.${field}[${level}]`, ...(own === undefined ? [] : [own]));
    const of = text('aname', parent);
    if (of === undefined) break;
    ancestors.push({
      name: of,
      ...optional('pid', Number(text('apid', level === 1 ? 'proc.ppid' : undefined) ?? '') || undefined),
      ...optional('cmdline', text('acmdline', level === 1 ? 'proc.pcmdline' : undefined)),
      ...optional('exePath', text('aexepath', level === 1 ? 'proc.pexepath' : undefined)),
    });
  }
  return beneath(ancestors, [self], self);
}

function optional<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  // A computed key is not seen as `K`.
  return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: V };
}

function rowsOf(root: Node): readonly TreeRow[] {
  const rows: TreeRow[] = [];
  const visit = (
    node: Node,
    above: readonly boolean[],
    position: number,
    setSize: number,
    outside: string,
    path: string,
  ): void => {
    const isLast = position === setSize;
    const container = node.process.containerId ?? outside;
    const key = `${path}/${position}`;
    rows.push({
      key,
      process: node.process,
      role: node.role,
      depth: above.length,
      isLast,
      hasChildren: node.children.length > 0,
      guides: above.slice(1),
      entersContainer: container !== '' && container !== outside ? container : undefined,
      position,
      setSize,
    });
    node.children.forEach((child, i) => {
      visit(child, [...above, !isLast], i + 1, node.children.length, container, key);
    });
  };
  visit(root, [], 1, 1, '', '');
  return rows;
}

/** Rows that are to be seen when the children of some are hidden. */
export function visibleRows(rows: readonly TreeRow[], folded: ReadonlySet<string>): readonly TreeRow[] {
  return rows.filter(({ key }) => {
    for (let end = key.lastIndexOf('/'); end > 0; end = key.lastIndexOf('/', end - 1))
      if (folded.has(key.slice(0, end))) return false;
    return true;
  });
}
