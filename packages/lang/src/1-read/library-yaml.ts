/**
 * YAML text to nodes by the YAML library: complete, but several times slower than the lean reader, and 30 ms to load.
 * It reads what the lean reader leaves alone, names errors, and is the oracle of the lean reader's tests.
 */

import { createRequire } from 'node:module';
import type * as Yaml from 'yaml';
import {
  createScalar,
  type ScalarStyle,
  type YamlEntry,
  type YamlNode,
  type YamlResult,
} from './yaml-node.ts';

/** Nodes after aliases are followed: more means an alias bomb. */
const maxExpandedNodes = 2_000_000;

/** Loads it on first use, so that files the lean reader takes cost nothing; Node keeps it from then on. */
function loadLibrary(): typeof Yaml {
  // `as`: `require` cannot know the type of what it loads.
  return createRequire(import.meta.url)('yaml') as typeof Yaml;
}

export function readLibraryYaml(text: string): YamlResult {
  const yaml = loadLibrary();
  try {
    const parsed = yaml.parseAllDocuments(text, {
      schema: 'failsafe',
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'silent',
    });
    if (!Array.isArray(parsed)) return { kind: 'documents', documents: [] };
    const documents: YamlNode[] = [];
    for (const document of parsed) {
      const error = document.errors.find((one) => !isTolerated(one));
      if (error !== undefined) return { kind: 'error', problem: problemOf(error), offset: error.pos[0] };
      const converter = new Converter(yaml, text);
      const root = converter.convert(document.contents, 0);
      if (converter.failure !== undefined) return converter.failure;
      documents.push(root);
    }
    return { kind: 'documents', documents };
  } catch (error) {
    // The library recurses: nesting deep enough exhausts the stack.
    if (error instanceof RangeError) return { kind: 'too-large', offset: 0 };
    throw error;
  }
}

/** COMPAT: the reference's YAML reader takes these, Falco 0.45 with yaml-cpp. */
function isTolerated(error: Yaml.YAMLError): boolean {
  if (error.code === 'BAD_INDENT') return /flow/i.test(error.message);
  return error.code === 'BAD_SCALAR_START' && /block scalar indicator/.test(error.message);
}

function problemOf(error: Yaml.YAMLError): string {
  const text = error.message.replace(/\.$/, '');
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** Converts one document. INVARIANT: an alias shares the node of its anchor; sizes count it as many times as used. */
class Converter {
  failure: YamlResult | undefined;
  readonly #yaml: typeof Yaml;
  readonly #text: string;
  readonly #anchors = new Map<string, YamlNode | undefined>();
  readonly #sizes = new Map<YamlNode, number>();

  constructor(yaml: typeof Yaml, text: string) {
    this.#yaml = yaml;
    this.#text = text;
  }

  convert(node: unknown, fallbackOffset: number): YamlNode {
    const yaml = this.#yaml;
    if (this.failure !== undefined) return createScalar('', 'plain', fallbackOffset, fallbackOffset);
    if (yaml.isAlias(node)) return this.#aliased(node, fallbackOffset);
    const start = yaml.isNode(node) && node.range ? node.range[0] : fallbackOffset;
    const end = yaml.isNode(node) && node.range ? node.range[1] : fallbackOffset;
    const anchor = yaml.isNode(node) && !yaml.isAlias(node) ? node.anchor : undefined;
    if (anchor !== undefined) this.#anchors.set(anchor, undefined);
    let converted: YamlNode;
    let size = 1;
    if (yaml.isSeq(node)) {
      const items = node.items.map((item) => this.convert(item, start));
      for (const item of items) size += this.#sizes.get(item) ?? 1;
      converted = { kind: 'sequence', items, start, end };
    } else if (yaml.isMap(node)) {
      const entries: YamlEntry[] = [];
      for (const pair of node.items) {
        const key = this.convert(pair.key, start);
        const value = this.convert(pair.value, key.end);
        size += (this.#sizes.get(key) ?? 1) + (this.#sizes.get(value) ?? 1);
        entries.push({ key, value });
      }
      converted = { kind: 'mapping', entries, start, end };
    } else if (yaml.isScalar(node)) {
      converted = createScalar(String(node.value ?? ''), styleOf(node.type), start, end);
    } else {
      converted = createScalar('', 'plain', start, end);
    }
    if (size > maxExpandedNodes) this.failure = { kind: 'too-large', offset: start };
    this.#sizes.set(converted, size);
    if (anchor !== undefined) this.#anchors.set(anchor, converted);
    return converted;
  }

  #aliased(alias: Yaml.Alias, fallbackOffset: number): YamlNode {
    const offset = alias.range ? alias.range[0] : fallbackOffset;
    const target = this.#anchors.get(alias.source);
    if (target !== undefined) return target;
    const problem = this.#anchors.has(alias.source)
      ? `the alias \`${alias.source}\` stands inside the node that it names`
      : `no anchor \`${alias.source}\` before this alias`;
    this.failure ??= { kind: 'error', problem, offset };
    return createScalar('', 'plain', offset, Math.min(offset + 1, this.#text.length));
  }
}

function styleOf(type: string | null | undefined): ScalarStyle {
  switch (type) {
    case 'QUOTE_DOUBLE':
      return 'double';
    case 'QUOTE_SINGLE':
      return 'single';
    case 'BLOCK_LITERAL':
      return 'literal';
    case 'BLOCK_FOLDED':
      return 'folded';
    default:
      return 'plain';
  }
}
