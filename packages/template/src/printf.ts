/** Go's `printf` for the verbs that make sense on values of JSON: v s q d f g e x X o b c t and %%. */

import { ExactNumber } from '@peregrine/alert';
import { numberText, type TemplateValue, textOf } from './value.ts';

const DIRECTIVE = /%([-+# 0]*)(\d+|\*)?(?:\.(\d+|\*)?)?([a-zA-Z%])|%$/g;
/** Wider fields only cost memory. */
const MOST_WIDTH = 10_000;

export function formatPrintf(format: string, args: readonly TemplateValue[]): string {
  let next = 0;
  const text = format.replace(
    DIRECTIVE,
    (whole, flags = '', width?: string, precision?: string, verb = '') => {
      if (verb === '') return '%!(NOVERB)';
      if (verb === '%') return '%';
      const widthValue = width === '*' ? asNumber(args[next++]) : Number(width ?? 0);
      const hasPrecision = whole.includes('.');
      const precisionValue = precision === '*' ? asNumber(args[next++]) : Number(precision ?? 0);
      if (next >= args.length) return `%!${verb}(MISSING)`;
      const body = formatOne(verb, args[next++], {
        flags,
        precision: hasPrecision ? Math.min(precisionValue, 100) : undefined,
      });
      return padded(body, Math.min(widthValue, MOST_WIDTH), flags, verb);
    },
  );
  const left = args.slice(next).map((arg) => `${typeName(arg)}=${textOf(arg)}`);
  return left.length === 0 ? text : `${text}%!(EXTRA ${left.join(', ')})`;
}

interface Form {
  readonly flags: string;
  readonly precision: number | undefined;
}

function formatOne(verb: string, value: TemplateValue, { flags, precision }: Form): string {
  const number = value instanceof ExactNumber ? value.toNumber() : value;
  switch (verb) {
    case 'v':
      return signed(textOrNil(value), number, flags);
    case 's':
      return truncated(
        typeof number === 'number' || typeof number === 'bigint' ? bad(verb, value) : textOrNil(value),
        precision,
      );
    case 'q':
      return typeof value === 'string' ? quoted(truncated(value, precision)) : bad(verb, value);
    case 't':
      return typeof value === 'boolean' ? String(value) : bad(verb, value);
    case 'd':
      return isWhole(number) ? signed(String(number), number, flags) : bad(verb, value);
    case 'x':
    case 'X': {
      const hex =
        typeof value === 'string'
          ? Buffer.from(value, 'utf8').toString('hex')
          : isWhole(number)
            ? number.toString(16)
            : undefined;
      if (hex === undefined) return bad(verb, value);
      const prefixed = flags.includes('#') ? `0x${hex}` : hex;
      return verb === 'X' ? prefixed.toUpperCase() : prefixed;
    }
    case 'o':
      return isWhole(number) ? number.toString(8) : bad(verb, value);
    case 'b':
      return isWhole(number) ? number.toString(2) : bad(verb, value);
    case 'c':
      return typeof number === 'number' && number >= 0 && number <= 0x10ffff
        ? String.fromCodePoint(number)
        : bad(verb, value);
    case 'f':
    case 'F':
      return typeof number === 'number'
        ? signed(number.toFixed(precision ?? 6), number, flags)
        : bad(verb, value);
    case 'e':
    case 'g':
    case 'G':
    case 'E':
      return typeof number === 'number'
        ? signed(floating(verb, number, precision), number, flags)
        : bad(verb, value);
    default:
      return bad(verb, value);
  }
}

function floating(verb: string, value: number, precision: number | undefined): string {
  const lower = verb.toLowerCase();
  const text =
    lower === 'g' && precision === undefined
      ? numberText(value)
      : lower === 'g'
        ? String(Number(value.toPrecision(Math.max(1, precision ?? 6))))
        : value.toExponential(precision ?? 6).replace(/e([-+])(\d)$/, 'e$10$2');
  return verb === lower ? text : text.toUpperCase();
}

function isWhole(value: TemplateValue): value is number | bigint {
  return typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value));
}

function signed(text: string, value: TemplateValue, flags: string): string {
  const isPositive = (typeof value === 'number' || typeof value === 'bigint') && value >= 0;
  if (!isPositive) return text;
  return flags.includes('+') ? `+${text}` : flags.includes(' ') ? ` ${text}` : text;
}

function truncated(text: string, precision: number | undefined): string {
  return precision === undefined ? text : [...text].slice(0, precision).join('');
}

function padded(text: string, width: number, flags: string, verb: string): string {
  const missing = width - [...text].length;
  if (missing <= 0) return text;
  if (flags.includes('-')) return text + ' '.repeat(missing);
  if (!flags.includes('0') || verb === 's' || verb === 'v' || verb === 'q') return ' '.repeat(missing) + text;
  const sign = /^[-+ ]/.exec(text)?.[0] ?? '';
  return sign + '0'.repeat(missing) + text.slice(sign.length);
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

function textOrNil(value: TemplateValue): string {
  return value === null || value === undefined ? '<nil>' : textOf(value);
}

function bad(verb: string, value: TemplateValue): string {
  return value === null || value === undefined
    ? `%!${verb}(<nil>)`
    : `%!${verb}(${typeName(value)}=${textOf(value)})`;
}

function typeName(value: TemplateValue): string {
  if (value === null || value === undefined) return '<nil>';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float64';
  if (value instanceof ExactNumber) return 'json.Number';
  return Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}';
}

function asNumber(value: TemplateValue): number {
  return typeof value === 'number' ? value : 0;
}
