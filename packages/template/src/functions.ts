/**
 * What templates can call: Go's own functions, and a few that people expect beside them (`default`, `lower`, `upper`,
 * `trim`, `replace`, `join`, `contains`, `hasPrefix`, `hasSuffix`, `toJson`). They compute and do nothing else.
 */

import { type Encodable, encodeJson } from '@peregrine/alert';
import { formatPrintf } from './printf.ts';
import { compareValues, isTrue, type TemplateValue, textOf } from './value.ts';

type TemplateFunction = (...args: readonly TemplateValue[]) => TemplateValue;

interface Declared {
  readonly least: number;
  readonly most: number;
  readonly run: TemplateFunction;
}

/** `and` and `or` are not here: they look at no more arguments than they need, which is the evaluator's affair. */
const declared: Readonly<Record<string, Declared>> = {
  not: fixed(1, (value) => !isTrue(value)),
  index: { least: 1, most: 16, run: index },
  len: fixed(1, lengthOf),
  slice: { least: 1, most: 4, run: slice },
  print: { least: 0, most: 64, run: print },
  println: { least: 0, most: 64, run: (...args) => `${args.map(textOf).join(' ')}\n` },
  printf: { least: 1, most: 64, run: (format, ...args) => formatPrintf(needText(format), args) },
  html: { least: 1, most: 64, run: (...args) => escapeHtml(print(...args)) },
  js: { least: 1, most: 64, run: (...args) => escapeScript(print(...args)) },
  urlquery: {
    least: 1,
    most: 64,
    run: (...args) => encodeURIComponent(print(...args)).replaceAll('%20', '+'),
  },
  eq: {
    least: 2,
    most: 16,
    run: (first, ...others) => others.some((other) => compareValues(first, other) === 0),
  },
  ne: fixed(2, (a, b) => compareValues(a, b) !== 0),
  lt: fixed(2, (a, b) => order(a, b) < 0),
  le: fixed(2, (a, b) => order(a, b) <= 0),
  gt: fixed(2, (a, b) => order(a, b) > 0),
  ge: fixed(2, (a, b) => order(a, b) >= 0),
  default: { least: 1, most: 2, run: (fallback, value) => (isTrue(value) ? value : fallback) },
  lower: fixed(1, (value) => textOf(value).toLowerCase()),
  upper: fixed(1, (value) => textOf(value).toUpperCase()),
  trim: fixed(1, (value) => textOf(value).trim()),
  replace: fixed(3, (old, by, value) => textOf(value).replaceAll(textOf(old), () => textOf(by))),
  join: fixed(2, (separator, value) =>
    Array.isArray(value) ? value.map(textOf).join(textOf(separator)) : textOf(value),
  ),
  contains: fixed(2, (part, value) => textOf(value).includes(textOf(part))),
  hasPrefix: fixed(2, (part, value) => textOf(value).startsWith(textOf(part))),
  hasSuffix: fixed(2, (part, value) => textOf(value).endsWith(textOf(part))),
  // What is in a template's data came from JSON, so that it can be JSON again.
  toJson: fixed(1, (value) => encodeJson((value ?? null) as Encodable)),
};

export const functionNames: ReadonlySet<string> = new Set([...Object.keys(declared), 'and', 'or']);

/** Throws an `Error` with a message for people where the arguments do not fit. */
export function callFunction(name: string, args: readonly TemplateValue[]): TemplateValue {
  const found = declared[name];
  if (found === undefined) throw new Error(`there is no function \`${name}\``);
  if (args.length < found.least || args.length > found.most) {
    throw new Error(`\`${name}\` does not take ${args.length} arguments`);
  }
  return found.run(...args);
}

function fixed(count: number, run: TemplateFunction): Declared {
  return { least: count, most: count, run };
}

/** Missing keys give nothing, as in Go's maps. */
function index(item: TemplateValue, ...keys: readonly TemplateValue[]): TemplateValue {
  let value = item;
  for (const key of keys) {
    if (value === undefined || value === null) throw new Error('`index` of nothing');
    if (Array.isArray(value)) {
      const at = typeof key === 'bigint' ? Number(key) : key;
      if (typeof at !== 'number' || !Number.isInteger(at))
        throw new Error('a list is indexed by whole numbers');
      if (at < 0 || at >= value.length) throw new Error(`index ${at} is out of range`);
      value = value[at];
    } else if (typeof value === 'string') {
      const bytes = Buffer.from(value, 'utf8');
      if (typeof key !== 'number' || key < 0 || key >= bytes.length) throw new Error('index is out of range');
      value = bytes[key];
    } else if (typeof value === 'object') {
      if (typeof key !== 'string') throw new Error('a map is indexed by texts');
      value = childOf(value, key);
    } else {
      throw new Error('`index` takes a map or a list');
    }
  }
  return value;
}

/** The value under a key; nothing that maps of JavaScript have of their own. */
export function childOf(value: object, key: string): TemplateValue {
  // Maps in a template's data have values of templates and nothing else.
  return Object.hasOwn(value, key) ? (value as Readonly<Record<string, TemplateValue>>)[key] : undefined;
}

function lengthOf(value: TemplateValue): TemplateValue {
  if (typeof value === 'string') return Buffer.byteLength(value, 'utf8');
  if (Array.isArray(value)) return value.length;
  if (typeof value === 'object' && value !== null) return Object.keys(value).length;
  throw new Error('`len` takes a text, a list or a map');
}

function slice(item: TemplateValue, ...bounds: readonly TemplateValue[]): TemplateValue {
  const [from = 0, to] = bounds;
  if (typeof from !== 'number' || (to !== undefined && typeof to !== 'number')) {
    throw new Error('`slice` takes whole numbers');
  }
  const bytes = typeof item === 'string' ? Buffer.from(item, 'utf8') : item;
  if (!Array.isArray(bytes) && !Buffer.isBuffer(bytes)) throw new Error('`slice` takes a text or a list');
  const end = to ?? bytes.length;
  if (from < 0 || end > bytes.length || from > end) throw new Error('index is out of range');
  return Buffer.isBuffer(bytes) ? bytes.subarray(from, end).toString('utf8') : bytes.slice(from, end);
}

/** COMPAT: a space stands between two operands of which neither is text. */
function print(...args: readonly TemplateValue[]): string {
  let text = '';
  for (const [i, arg] of args.entries()) {
    if (i > 0 && typeof arg !== 'string' && typeof args[i - 1] !== 'string') text += ' ';
    text += textOf(arg);
  }
  return text;
}

function order(a: TemplateValue, b: TemplateValue): number {
  const found = compareValues(a, b);
  if (found === undefined) throw new Error('values of these types have no order');
  return found;
}

function needText(value: TemplateValue): string {
  if (typeof value !== 'string') throw new Error('`printf` takes its format as a text');
  return value;
}

const htmlEscapes: Readonly<Record<string, string>> = {
  '\0': '\uFFFD',
  '"': '&#34;',
  "'": '&#39;',
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
};

function escapeHtml(text: string): string {
  return text.replace(/[\0"'&<>]/g, (char) => htmlEscapes[char] ?? '');
}

function escapeScript(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped.
  return text.replace(/[\\'"<>&=\u0000-\u001f\u2028\u2029]/g, (char) =>
    char === '\\' || char === "'" || char === '"'
      ? `\\${char}`
      : `\\u${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`,
  );
}
