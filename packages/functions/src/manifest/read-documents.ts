/** YAML text to configuration trees, one for each document: scalars as text, places kept. */

import { type ConfigNode, type Diagnostic, mapNode, type Position, type Span } from '@peregrine/base';
import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, type Node, parseAllDocuments } from 'yaml';
import { manifestSyntax } from '../diagnostics.ts';

/** Deeper nesting than any manifest has. */
const MOST_DEPTH = 100;

export interface ReadDocuments {
  readonly documents: readonly ConfigNode[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Empty documents are left out. Of equal keys the last counts, as it does in a cluster. */
export function readDocuments(file: string, text: string): ReadDocuments {
  const lines = new LineCounter();
  const diagnostics: Diagnostic[] = [];
  const parsed = parseAllDocuments(text, { lineCounter: lines, uniqueKeys: false, schema: 'failsafe' });
  const spanAt = (from: number, to: number): Span => ({
    file,
    start: positionAt(lines, from),
    end: positionAt(lines, to),
  });
  const documents: ConfigNode[] = [];
  for (const document of Array.isArray(parsed) ? parsed : []) {
    const [error] = document.errors;
    if (error !== undefined) {
      const message = (error.message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');
      diagnostics.push(manifestSyntax.at({ span: spanAt(error.pos[0], error.pos[1]) }, message));
      continue;
    }
    const open = new Set<Node>();
    const done = new Map<Node, ConfigNode>();
    const convert = (node: unknown): ConfigNode => {
      if (!isNode(node)) return { kind: 'scalar', text: '', isNull: true, span: undefined };
      const known = done.get(node);
      if (known !== undefined) return known;
      const span = node.range ? spanAt(node.range[0], node.range[1]) : undefined;
      if (open.has(node) || open.size > MOST_DEPTH) {
        diagnostics.push(manifestSyntax.at({ span }, 'values are nested without end'));
        return { kind: 'scalar', text: '', isNull: true, span };
      }
      open.add(node);
      const converted = convertNode(node, span);
      open.delete(node);
      done.set(node, converted);
      return converted;
    };
    const convertNode = (node: Node, span: Span | undefined): ConfigNode => {
      if (isAlias(node)) return convert(node.resolve(document));
      if (isSeq(node)) return { kind: 'list', items: node.items.map(convert), span };
      if (isMap(node))
        return mapNode(
          node.items.map(({ key, value }): [string, ConfigNode] => [
            isScalar(key) ? String(key.value) : '',
            convert(value),
          ]),
          span,
        );
      const written = isScalar(node) ? String(node.value ?? '') : '';
      const isNull = isScalar(node) && node.type === 'PLAIN' && /^(?:~|null|Null|NULL|)$/.test(written);
      return { kind: 'scalar', text: isNull ? '' : written, isNull, span };
    };
    if (document.contents === null) continue;
    const root = convert(document.contents);
    if (root.kind !== 'scalar' || !root.isNull) documents.push(root);
  }
  return { documents, diagnostics };
}

function positionAt(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line, column: col, offset };
}
