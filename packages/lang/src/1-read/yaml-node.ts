/** YAML as rules files need it: scalars keep their text and style, everything keeps its place. */

export type YamlNode = YamlScalar | YamlSequence | YamlMapping;

export type ScalarStyle = 'plain' | 'single' | 'double' | 'literal' | 'folded';

/** `start` and `end` are offsets into the file, UTF-16 units, end exclusive, quotes included. */
export interface YamlScalar {
  readonly kind: 'scalar';
  /** The text after unquoting and folding; never interpreted as a number or a boolean. */
  readonly value: string;
  readonly style: ScalarStyle;
  /** Plain `null`, `~` or nothing at all. */
  readonly isNull: boolean;
  readonly start: number;
  readonly end: number;
}

export interface YamlSequence {
  readonly kind: 'sequence';
  readonly items: readonly YamlNode[];
  readonly start: number;
  readonly end: number;
}

export interface YamlEntry {
  readonly key: YamlNode;
  readonly value: YamlNode;
}

export interface YamlMapping {
  readonly kind: 'mapping';
  readonly entries: readonly YamlEntry[];
  readonly start: number;
  readonly end: number;
}

/** What reading one file gives: its documents, or where it stops being YAML. */
export type YamlResult =
  | { readonly kind: 'documents'; readonly documents: readonly YamlNode[] }
  | { readonly kind: 'error'; readonly problem: string; readonly offset: number }
  | { readonly kind: 'too-large'; readonly offset: number };

export function createScalar(value: string, style: ScalarStyle, start: number, end: number): YamlScalar {
  return { kind: 'scalar', value, style, isNull: style === 'plain' && isNullWord(value), start, end };
}

function isNullWord(text: string): boolean {
  switch (text.length) {
    case 0:
      return true;
    case 1:
      return text === '~';
    case 4:
      return text === 'null' || text === 'Null' || text === 'NULL';
    default:
      return false;
  }
}

/** The value under `key`; of repeated keys the first. */
export function valueAt(mapping: YamlMapping, key: string): YamlNode | undefined {
  return entryAt(mapping, key)?.value;
}

export function entryAt(mapping: YamlMapping, key: string): YamlEntry | undefined {
  for (const entry of mapping.entries) {
    if (entry.key.kind === 'scalar' && entry.key.value === key) return entry;
  }
  return undefined;
}

export function isNullNode(node: YamlNode): boolean {
  return node.kind === 'scalar' && node.isNull;
}
