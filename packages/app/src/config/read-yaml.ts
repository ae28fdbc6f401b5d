/** YAML text to a configuration tree: every scalar as text, positions kept, environment variables put in. */

import { createRequire } from 'node:module';
import { type ConfigNode, type Diagnostic, mapNode, type Position, type Span } from '@peregrine/base';
import type * as Yaml from 'yaml';
import type { LineCounter, Node } from 'yaml';
import { yamlError } from './diagnostics.ts';

/** Deeper nesting than any configuration has. */
const MOST_DEPTH = 100;

export interface YamlTree {
  /** `undefined` when the text is no YAML. An empty file is an empty map. */
  readonly root: ConfigNode | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** Keys that a map has once more. */
  readonly repeats: readonly RepeatedKey[];
}

export interface RepeatedKey {
  readonly name: string;
  readonly span: Span | undefined;
}

/** Loaded on first use: it takes 30 ms, and a start without a configuration file has no YAML of this kind. */
function loadLibrary(): typeof Yaml {
  // `as`: `require` cannot know the type of what it loads.
  return createRequire(import.meta.url)('yaml') as typeof Yaml;
}

/** COMPAT: only the first document counts; of equal keys the first counts. */
export function readYamlTree(file: string, text: string, expand: (text: string) => string): YamlTree {
  const { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseAllDocuments } = loadLibrary();
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, uniqueKeys: false, schema: 'failsafe' });
  const [document] = Array.isArray(documents) ? documents : [];
  if (document === undefined) return { root: mapNode(), diagnostics: [], repeats: [] };
  const [error] = document.errors;
  const spanAt = (from: number, to: number): Span => ({
    file,
    start: positionAt(lines, from),
    end: positionAt(lines, to),
  });
  if (error !== undefined) {
    const message = (error.message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');
    const wording = message.charAt(0).toLowerCase() + message.slice(1);
    return {
      root: undefined,
      diagnostics: [yamlError.at({ span: spanAt(error.pos[0], error.pos[1]) }, wording)],
      repeats: [],
    };
  }
  const diagnostics: Diagnostic[] = [];
  const repeats: RepeatedKey[] = [];
  const isOpen = new Set<Node>();
  const done = new Map<Node, ConfigNode>();

  function convert(node: unknown): ConfigNode {
    if (!isNode(node)) return { kind: 'scalar', text: '', isNull: true, span: undefined };
    const known = done.get(node);
    if (known !== undefined) return known;
    const span = node.range ? spanAt(node.range[0], node.range[1]) : undefined;
    if (isOpen.has(node) || isOpen.size > MOST_DEPTH) {
      diagnostics.push(yamlError.at({ span }, 'values are nested without end'));
      return { kind: 'scalar', text: '', isNull: true, span };
    }
    isOpen.add(node);
    const converted = convertNode(node, span);
    isOpen.delete(node);
    done.set(node, converted);
    return converted;
  }

  function convertNode(node: Node, span: Span | undefined): ConfigNode {
    if (isAlias(node)) return convert(document?.errors.length === 0 ? node.resolve(document) : undefined);
    if (isSeq(node)) return { kind: 'list', items: node.items.map(convert), span };
    if (isMap(node)) {
      const entries = new Map<string, ConfigNode>();
      for (const { key, value } of node.items) {
        const name = isScalar(key) ? String(key.value) : '';
        if (!entries.has(name)) entries.set(name, convert(value));
        else
          repeats.push({ name, span: isNode(key) && key.range ? spanAt(key.range[0], key.range[1]) : span });
      }
      return { kind: 'map', entries, span };
    }
    const written = isScalar(node) ? String(node.value ?? '') : '';
    const isPlain = isScalar(node) && node.type === 'PLAIN';
    const isNull = isPlain && /^(?:~|null|Null|NULL|)$/.test(written);
    return { kind: 'scalar', text: isNull ? '' : expand(written), isNull, span };
  }

  const root = document.contents === null ? mapNode() : convert(document.contents);
  return { root, diagnostics, repeats };
}

function positionAt(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line, column: col, offset };
}
