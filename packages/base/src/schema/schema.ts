/**
 * Configuration declared once: `schema({...})` names the keys; types, defaults, docs and checks follow from it.
 *
 * A key without a default must be set, unless it is `optional`. Values come as text and are read as YAML 1.2 tools
 * in C++ read them, so that `yes`, `On` and `0x10` mean what they mean elsewhere.
 */

import type { Diagnostic, Severity } from '../diagnostic.ts';
import { parseDuration } from '../duration.ts';
import { nearestName } from '../nearest-name.ts';
import { type ConfigNode, mapNode, nameOfKind } from './config-node.ts';
import {
  badUrl,
  badValue,
  missingKey,
  notAChoice,
  outOfRange,
  unknownKey,
  wrongType,
} from './diagnostics.ts';
import { Secret } from './secret.ts';

/** How a tree is read: where findings go, and how bad unknown keys and wrong types are. */
export interface ReadContext {
  readonly report: (diagnostic: Diagnostic) => void;
  /** `warning`: the finding is told and the default taken. */
  readonly shapeSeverity: Severity;
}

export interface ValueSchema<T> {
  readonly doc: string;
  /** The type for people: `whole number, 1 to 10`. */
  readonly type: string;
  /** What an absent key means; `undefined` if the key must be set. */
  readonly fallback: { readonly value: T } | undefined;
  /** The default as it is written, where that is not what `fallback` looks like. */
  readonly defaultText?: string | undefined;
  readonly example: string | undefined;
  /** Of lists: what each item is. */
  readonly items?: ValueSchema<unknown>;
  /** The type as a JSON schema, without doc and default. */
  readonly json: JsonSchema;
  /** `undefined` where the node cannot be read; a finding was reported then. */
  read(node: ConfigNode, path: string, context: ReadContext): { readonly value: T } | undefined;
}

export type JsonSchema = Readonly<Record<string, unknown>>;

export type Infer<S> = S extends ValueSchema<infer T> ? T : never;

export type Keys = Readonly<Record<string, ValueSchema<unknown>>>;

/** The value of an object schema. */
export type ObjectOf<K extends Keys> = { readonly [Name in keyof K]: Infer<K[Name]> };

export interface ObjectSchema<K extends Keys> extends ValueSchema<ObjectOf<K>> {
  readonly keys: K;
}

interface Common<T> {
  readonly doc: string;
  readonly default?: T;
  readonly example?: string;
}

interface Range {
  readonly min?: number;
  readonly max?: number;
}

/** A map with exactly these keys; others are reported as unknown. Absent, it is what its defaults make it. */
export function schema<K extends Keys>(keys: K, options: { readonly doc?: string } = {}): ObjectSchema<K> {
  const read: ObjectSchema<K>['read'] = (node, path, context) => {
    if (node.kind === 'scalar' && node.isNull) return read(mapNode(), path, context);
    if (node.kind !== 'map') return mistyped(node, path, 'a map of keys', context);
    for (const [name, child] of node.entries) {
      if (Object.hasOwn(keys, name)) continue;
      const nearest = nearestName(name, Object.keys(keys));
      report(context, unknownKey.at({ span: child.span }, joined(path, name), nearest));
    }
    const value: Record<string, unknown> = {};
    let isComplete = true;
    for (const [name, schemaOfKey] of Object.entries(keys)) {
      const found = readKey(node.entries.get(name), schemaOfKey, joined(path, name), node, context);
      if (found === undefined) isComplete = false;
      else value[name] = found.value;
    }
    // The loop above went through every key of K with that key's own schema, which the type cannot express.
    return isComplete ? { value: value as ObjectOf<K> } : undefined;
  };
  const defaults = read(mapNode(), '', { report: () => {}, shapeSeverity: 'error' });
  const properties = Object.fromEntries(
    Object.entries(keys).map(([name, { json, doc }]) => [
      name,
      doc === '' ? json : { description: doc, ...json },
    ]),
  );
  const json = { type: 'object', properties, additionalProperties: false };
  return { doc: options.doc ?? '', type: 'map', fallback: defaults, example: undefined, json, keys, read };
}

/** Reads a whole tree. Findings are returned; `value` is `undefined` when the tree cannot be used. */
export function readTree<T>(
  of: ValueSchema<T>,
  root: ConfigNode,
  shapeSeverity: Severity = 'error',
): { readonly value: T | undefined; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const found = of.read(root, '', { report: (diagnostic) => diagnostics.push(diagnostic), shapeSeverity });
  const isUsable = found !== undefined && !diagnostics.some((diagnostic) => diagnostic.severity === 'error');
  return { value: isUsable ? found.value : undefined, diagnostics };
}

export function integer(options: Common<number> & Range): ValueSchema<number> {
  const range = rangeText(options);
  return scalar(
    `whole number${range && `, ${range}`}`,
    jsonNumber('integer', options),
    options,
    (text, path, span, context) => {
      const number = /^[-+]?(?:\d+|0[xX][0-9a-fA-F]+|0[oO][0-7]+)$/.test(text) ? Number(text) : Number.NaN;
      if (Number.isNaN(number)) return undefined;
      return withinRange(number, options, { text, path, span, context });
    },
  );
}

export function decimal(options: Common<number> & Range): ValueSchema<number> {
  const range = rangeText(options);
  return scalar(
    `number${range && `, ${range}`}`,
    jsonNumber('number', options),
    options,
    (text, path, span, context) => {
      const number = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
      if (Number.isNaN(number)) return undefined;
      return withinRange(number, options, { text, path, span, context });
    },
  );
}

export function text(options: Common<string>): ValueSchema<string> {
  return scalar('text', { type: 'string' }, options, (value) => ({ value }));
}

const yes = new Set(['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON']);
const no = new Set(['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF']);

export function flag(options: Common<boolean>): ValueSchema<boolean> {
  return scalar('true or false', { type: 'boolean' }, options, (value) =>
    yes.has(value) ? { value: true } : no.has(value) ? { value: false } : undefined,
  );
}

/** One of a few words; letter case does not count. */
export function choice<const C extends string>(
  choices: readonly C[],
  options: Common<NoInfer<C>>,
): ValueSchema<C> {
  return scalar(
    choices.join(', '),
    { type: 'string', enum: choices },
    options,
    (value, path, span, context) => {
      const found = choices.find((candidate) => candidate.toLowerCase() === value.toLowerCase());
      if (found !== undefined) return { value: found };
      context.report(notAChoice.at({ span }, path, value, choices, nearestName(value, choices)));
      return 'reported';
    },
  );
}

/**
 * Text with a form of its own, its default too; `parse` gives the value, or says why there is none. `isSecret`: the text
 * may hold a password, and is not shown.
 */
export function parsedText<T>(
  options: Omit<Common<T>, 'default'> & {
    readonly type: string;
    readonly default?: string;
    readonly isSecret?: boolean;
  },
  parse: (text: string) => { readonly value: T } | { readonly why: string },
): ValueSchema<T> {
  const { default: defaultText, isSecret = false, ...rest } = options;
  const fallback = defaultText === undefined ? undefined : parse(defaultText);
  if (fallback !== undefined && 'why' in fallback) throw new Error(`\`${defaultText}\`: ${fallback.why}`);
  const of = scalar<T>(options.type, { type: 'string' }, rest, (value, path, span, context) => {
    const parsed = parse(value);
    if ('value' in parsed) return parsed;
    context.report(badValue.at({ span }, path, isSecret ? '***' : value, parsed.why));
    return 'reported';
  });
  return { ...of, fallback, defaultText };
}

/** A length of time with its unit, such as `10s` or `1h30m`; the value is milliseconds, and so are the bounds. */
export function duration(options: Common<string> & Range): ValueSchema<number> {
  const { min = 0, max = Number.POSITIVE_INFINITY } = options;
  return parsedText({ ...options, type: 'duration' }, (text) => {
    const valueMs = parseDuration(text);
    if (valueMs === undefined) return { why: 'a number and a unit are wanted, such as `10s` or `1h30m`' };
    if (valueMs < min) return { why: `at least ${min} ms are wanted` };
    return valueMs > max ? { why: `at most ${max} ms are wanted` } : { value: valueMs };
  });
}

/** An http or https address. */
export function url(options: Common<string>): ValueSchema<string> {
  return scalar(
    'http or https address',
    { type: 'string', format: 'uri' },
    options,
    (value, path, span, context) => {
      if (/^https?:\/\/[^\s/]/i.test(value) && URL.canParse(value)) return { value };
      context.report(badUrl.at({ span }, path, shownAddress(value)));
      return 'reported';
    },
  );
}

/** Passwords and paths, which often are as good as passwords, are left out. */
function shownAddress(text: string): string {
  const [, protocol = '', rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/)?(.*)$/is.exec(text) ?? [];
  const [, host = '', path = ''] = /^(?:[^@/]*@)?([^/?#]*)(.*)$/s.exec(rest) ?? [];
  return `${protocol}${host}${path.length > 1 ? '/***' : path}`;
}

/** Text that is never shown: `reveal()` gives it. */
export function secret(options: Common<Secret>): ValueSchema<Secret> {
  return scalar('secret text', { type: 'string' }, options, (value) => ({ value: new Secret(value) }));
}

export function optional<T>(of: ValueSchema<T>): ValueSchema<T | undefined> {
  return { ...of, fallback: { value: undefined } };
}

export function list<T>(
  of: ValueSchema<T>,
  options: Common<readonly NoInfer<T>[]> = { doc: of.doc },
): ValueSchema<readonly T[]> {
  return {
    doc: options.doc,
    type: `list of ${of.type}`,
    fallback: options.default === undefined ? undefined : { value: options.default },
    example: options.example ?? of.example,
    json: { type: 'array', items: of.json },
    items: of,
    read: (node, path, context) => {
      if (node.kind !== 'list') return mistyped(node, path, 'a list', context);
      const values: T[] = [];
      for (const [i, item] of node.items.entries()) {
        const found = of.read(item, `${path}[${i}]`, context);
        if (found !== undefined) values.push(found.value);
        else if (context.shapeSeverity === 'error') return undefined;
      }
      return { value: values };
    },
  };
}

/** Names of the user's own choosing, each with one text. */
export function textMap(
  options: Common<Readonly<Record<string, string>>>,
): ValueSchema<Readonly<Record<string, string>>> {
  return {
    doc: options.doc,
    type: 'map of texts',
    fallback: options.default === undefined ? undefined : { value: options.default },
    example: options.example,
    json: { type: 'object', additionalProperties: { type: 'string' } },
    read: (node, path, context) => {
      if (node.kind !== 'map') return mistyped(node, path, 'a map of texts', context);
      const value: Record<string, string> = {};
      for (const [name, child] of node.entries) {
        if (child.kind === 'scalar') value[name] = child.text;
        else mistyped(child, joined(path, name), 'text', context);
      }
      return { value };
    },
  };
}

/** Whatever stands there: for keys whose readers have a grammar of their own. */
export function tree(options: {
  readonly doc: string;
  readonly type: string;
  readonly example?: string;
}): ValueSchema<ConfigNode | undefined> {
  return {
    doc: options.doc,
    type: options.type,
    fallback: { value: undefined },
    example: options.example,
    json: {},
    read: (node) => ({ value: node }),
  };
}

type Span = ConfigNode['span'];
type Parsed<T> = { readonly value: T } | 'reported' | undefined;

/** `parse` gives `undefined` for text that is not of the type, `reported` when it told more itself. */
function scalar<T>(
  type: string,
  json: JsonSchema,
  options: Common<T>,
  parse: (text: string, path: string, span: Span, context: ReadContext) => Parsed<T>,
): ValueSchema<T> {
  return {
    doc: options.doc,
    type,
    fallback: options.default === undefined ? undefined : { value: options.default },
    example: options.example,
    json,
    read: (node, path, context) => {
      if (node.kind !== 'scalar' || node.isNull) return mistyped(node, path, type, context);
      const parsed = parse(node.text, path, node.span, context);
      if (parsed === 'reported') return undefined;
      if (parsed !== undefined) return parsed;
      report(context, wrongType.at({ span: node.span }, path, type, `\`${node.text}\``));
      return undefined;
    },
  };
}

function readKey(
  node: ConfigNode | undefined,
  of: ValueSchema<unknown>,
  path: string,
  parent: ConfigNode,
  context: ReadContext,
): { readonly value: unknown } | undefined {
  if (node !== undefined && !(node.kind === 'scalar' && node.isNull)) {
    const found = of.read(node, path, context);
    return found === undefined && context.shapeSeverity === 'warning' ? of.fallback : found;
  }
  if (of.fallback === undefined) context.report(missingKey.at({ span: parent.span }, path));
  return of.fallback;
}

function mistyped(node: ConfigNode, path: string, wanted: string, context: ReadContext): undefined {
  report(context, wrongType.at({ span: node.span }, path, wanted, nameOfKind(node)));
}

function report(context: ReadContext, diagnostic: Diagnostic): void {
  context.report({ ...diagnostic, severity: context.shapeSeverity });
}

function withinRange(
  value: number,
  range: Range,
  at: { readonly text: string; readonly path: string; readonly span: Span; readonly context: ReadContext },
): Parsed<number> {
  if (value >= (range.min ?? -Infinity) && value <= (range.max ?? Infinity)) return { value };
  at.context.report(outOfRange.at({ span: at.span }, at.path, at.text, rangeText(range)));
  return 'reported';
}

function jsonNumber(type: 'integer' | 'number', { min, max }: Range): JsonSchema {
  return {
    type,
    ...(min === undefined ? {} : { minimum: min }),
    ...(max === undefined ? {} : { maximum: max }),
  };
}

function rangeText({ min, max }: Range): string {
  if (min !== undefined && max !== undefined) return `${min} to ${max}`;
  if (min !== undefined) return `${min} or more`;
  return max === undefined ? '' : `${max} or less`;
}

function joined(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
