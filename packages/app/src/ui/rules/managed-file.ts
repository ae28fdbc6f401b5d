/**
 * Changes to the text of the rules file that the web interface writes. People edit it, too: what is not changed stays as it
 * is, to the last blank. Entries are such that the reference takes them as well (`override`).
 */

import {
  isMap,
  isScalar,
  isSeq,
  type Node,
  parseDocument,
  stringify,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';

/** What of a rule is not alerted on: as many operators as fields, and as many values in each row. */
export interface RuleException {
  readonly name: string;
  readonly fields: readonly string[];
  readonly comps: readonly string[];
  /** As the rule language reads them: `constantText` makes them. */
  readonly rows: readonly (readonly string[])[];
}

/** Why a text cannot be changed, for people. */
export class ManagedFileError extends Error {}

/** First lines of a file that is new. */
export const managedFileHead =
  '# Changes to rules that were made in the web interface. It is read after all other rules files.\n';

export function withRuleEnabled(text: string, rule: string, isEnabled: boolean): string {
  const items = itemsOf(text, rule);
  const item = items.findLast(({ node }) => hasOverride(node, 'enabled', 'replace'));
  if (item === undefined)
    return withItem(text, { rule, enabled: isEnabled, override: { enabled: 'replace' } });
  item.node.set('enabled', isEnabled);
  return replaced(text, item);
}

/**
 * Adds rows to the exception of that name, or the exception. `isOfRule`: an exception of that name is defined elsewhere, with
 * these fields and operators, and only its values may be added to.
 */
export function withException(
  text: string,
  rule: string,
  exception: RuleException,
  isOfRule: boolean,
): string {
  const items = itemsOf(text, rule).filter(({ node }) => hasOverride(node, 'exceptions', 'append'));
  for (const item of items) {
    const known = exceptionIn(item.node, exception.name);
    if (known === undefined) continue;
    checkSame(known, exception);
    addRows(known, exception);
    return replaced(text, item);
  }
  const { name, fields, comps, rows } = exception;
  const entry = isOfRule ? { name, values: rows } : { name, fields, comps, values: rows };
  const [item] = items;
  if (item === undefined)
    return withItem(text, { rule, exceptions: [entry], override: { exceptions: 'append' } });
  const exceptions = item.node.get('exceptions');
  if (!isSeq(exceptions)) throw new ManagedFileError(`the \`exceptions\` of \`${rule}\` are no list`);
  exceptions.add(nodeOf(entry));
  return replaced(text, item);
}

interface Item {
  readonly node: YAMLMap;
  /** In the text, without the dash in front. */
  readonly start: number;
  readonly end: number;
  readonly column: number;
}

/** Entries about a rule, in order. */
function itemsOf(text: string, rule: string): readonly Item[] {
  const document = parseDocument(text);
  const [problem] = document.errors;
  if (problem !== undefined)
    throw new ManagedFileError(`the file cannot be read: ${problem.message.split('\n')[0]}`);
  const root = document.contents;
  if (root === null || (isScalar(root) && root.value === null)) return [];
  if (!isSeq(root) || root.flow === true)
    throw new ManagedFileError('the file is not a list with one entry below the other');
  return root.items.flatMap((node): Item[] => {
    if (!isMap(node) || scalarAt(node, 'rule') !== rule || !node.range) return [];
    const [start, valueEnd] = node.range;
    const end = start + text.slice(start, valueEnd).trimEnd().length;
    return [{ node, start, end, column: start - (text.lastIndexOf('\n', start - 1) + 1) }];
  });
}

function scalarAt(node: YAMLMap, key: string): unknown {
  const value: unknown = node.get(key);
  return value;
}

function hasOverride(node: YAMLMap, key: string, operation: string): boolean {
  const override = node.get('override');
  return isMap(override) && override.get(key) === operation;
}

function exceptionIn(node: YAMLMap, name: string): YAMLMap | undefined {
  const exceptions = node.get('exceptions');
  if (!isSeq(exceptions)) return undefined;
  return exceptions.items.find((entry): entry is YAMLMap => isMap(entry) && entry.get('name') === name);
}

function checkSame(known: YAMLMap, { name, fields, comps }: RuleException): void {
  const stated = (key: string): readonly string[] | undefined => {
    const value = known.get(key);
    return isSeq(value) ? value.items.map((item) => String(isScalar(item) ? item.value : '')) : undefined;
  };
  const own = stated('fields');
  const operators = stated('comps') ?? own?.map(() => '=');
  // Without fields, they are those of the rule, which was looked at before.
  if (own === undefined || (isSame(own, fields) && isSame(operators ?? [], comps))) return;
  throw new ManagedFileError(
    `the exception \`${name}\` has the fields \`${own.join('`, `')}\`: choose another name`,
  );
}

/** Those that are not there yet. */
function addRows(known: YAMLMap, { rows }: RuleException): void {
  if (!isSeq(known.get('values'))) known.set('values', nodeOf([]));
  const values = known.get('values') as YAMLSeq; // It was set above.
  const present = values.items.map((row) =>
    isSeq(row) ? row.items.map((item) => String(isScalar(item) ? item.value : '')) : [],
  );
  for (const row of rows) {
    if (present.some((other) => isSame(other, row))) continue;
    values.add(nodeOf([...row]));
  }
}

export function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, i) => text === b[i]);
}

/** Lists of texts on one line, all else on lines of its own. */
function nodeOf(value: unknown): Node {
  const node = parseDocument('').createNode(value) as Node; // Of plain data, which always gives one.
  arrange(node);
  return node;
}

function arrange(node: unknown): void {
  if (isMap(node)) for (const { value } of node.items) arrange(value);
  if (!isSeq(node)) return;
  if (node.items.length > 0 && node.items.every(isScalar)) node.flow = true;
  for (const item of node.items) arrange(item);
}

const style = { lineWidth: 0, flowCollectionPadding: false } as const;

function replaced(text: string, { node, start, end, column }: Item): string {
  // What stands before and behind the entry is not part of it.
  node.commentBefore = null;
  node.comment = null;
  const written = stringify(node, style).trimEnd();
  const indented = written.replaceAll('\n', `\n${' '.repeat(column)}`).replaceAll(/\n +(?=\n)/g, '\n');
  return text.slice(0, start) + indented + text.slice(end);
}

function withItem(text: string, item: unknown): string {
  const before = text.trim() === '' ? managedFileHead : text.endsWith('\n') ? text : `${text}\n`;
  const indent = /^( *)- /m.exec(withoutComments(before))?.[1] ?? '';
  const written = stringify(nodeOf([item]), style).trimEnd();
  return `${before}\n${indent}${written.replaceAll('\n', `\n${indent}`)}\n`;
}

const withoutComments = (text: string): string => text.replaceAll(/^\s*#.*$/gm, '');
