/** Values of templates: what they are as text, when they count as true, how they compare. After Go's rules. */

import { ExactNumber } from '@peregrine/alert';

export type TemplateValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | ExactNumber
  | readonly TemplateValue[]
  | { readonly [key: string]: TemplateValue };

/** As an action prints it; nothing is `<no value>`. */
export function textOf(value: TemplateValue): string {
  if (value === undefined || value === null) return '<no value>';
  return nestedText(value);
}

function nestedText(value: TemplateValue): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
      return numberText(value);
    case 'bigint':
    case 'boolean':
      return String(value);
    default:
      if (value === undefined || value === null) return '<nil>';
      if (value instanceof ExactNumber) return value.text;
      if (Array.isArray(value)) return `[${value.map(nestedText).join(' ')}]`;
      return `map[${Object.keys(value)
        .sort()
        // Neither list nor number: a map, which the type cannot tell from a list here.
        .map((key) => `${key}:${nestedText((value as Readonly<Record<string, TemplateValue>>)[key])}`)
        .join(' ')}]`;
  }
}

/** Shortest form; an exponent from 1e21 on and below 1e-4, of two digits at least. */
export function numberText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return Object.is(value, -0) ? '-0' : String(value);
  if (value === Infinity) return '+Inf';
  if (value === -Infinity) return '-Inf';
  if (Number.isNaN(value)) return 'NaN';
  const size = Math.abs(value);
  if (size >= 1e-4 && size < 1e21) return String(value);
  return value.toExponential().replace(/e([-+])(\d)$/, 'e$10$2');
}

/** Whether `if` takes it: not empty, not zero, not nothing. */
export function isTrue(value: TemplateValue): boolean {
  if (value === null || value === undefined) return false;
  if (value instanceof ExactNumber) return value.toNumber() !== 0;
  if (typeof value !== 'object') return Boolean(value);
  return Array.isArray(value) ? value.length > 0 : Object.keys(value).length > 0;
}

/** Below, equal or above zero; `undefined` for values that do not compare. */
export function compareValues(a: TemplateValue, b: TemplateValue): number | undefined {
  const left = comparable(a);
  const right = comparable(b);
  if (left === undefined || right === undefined) return left === right ? 0 : undefined;
  if (typeof left === 'string' || typeof right === 'string') {
    if (typeof left !== typeof right) return undefined;
  }
  if (typeof left === 'boolean' || typeof right === 'boolean') return left === right ? 0 : undefined;
  return left < right ? -1 : left > right ? 1 : 0;
}

function comparable(value: TemplateValue): string | number | bigint | boolean | undefined {
  if (value instanceof ExactNumber) return value.toNumber();
  if (typeof value === 'object' || value === undefined) return undefined;
  return value;
}
