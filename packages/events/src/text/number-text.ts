/** Numbers as parameters print them. */

import type { ParamFormat } from '../event-type.ts';

const NANOSECONDS_PER_SECOND = 1_000_000_000n;
const SIGNIFICANT_DIGITS = 6;
const WORD = 0x1_0000_0000_0000_0000n;

/** `bits`: width of the value, for negative numbers in hexadecimal and octal. */
export function numberText(value: number | bigint, format: ParamFormat, bits: 32 | 64): string {
  switch (format) {
    case 'hex':
      return unsigned(value, bits).toString(16).toUpperCase();
    case 'oct':
      return octalText(unsigned(value, bits));
    case 'padded':
      return value.toString().padStart(10, '0');
    default:
      return value.toString();
  }
}

/** With the zero in front that marks octal numbers; zero itself has just one. */
function octalText(value: number | bigint): string {
  const digits = value.toString(8);
  return digits === '0' ? digits : `0${digits}`;
}

function unsigned(value: number | bigint, bits: 32 | 64): number | bigint {
  if (value >= 0) return value;
  return bits === 32 ? Number(value) >>> 0 : BigInt(value) + WORD;
}

/** Nanoseconds as seconds with six significant digits, `0.01s`; what never ends is `none`. */
export function durationText(nanoseconds: bigint): string {
  if (nanoseconds === WORD - 1n) return 'none';
  return `${generalText(Number(nanoseconds) / 1e9)}s`;
}

/** The shorter of fixed and exponential notation, as `%g` of C has it. */
function generalText(value: number): string {
  if (value === 0) return '0';
  const [mantissa = '', exponent = '0'] = value.toExponential(SIGNIFICANT_DIGITS - 1).split('e');
  const power = Number(exponent);
  if (power < -4 || power >= SIGNIFICANT_DIGITS) {
    const digits = Math.abs(power).toString().padStart(2, '0');
    return `${withoutTrailingZeros(mantissa)}e${power < 0 ? '-' : '+'}${digits}`;
  }
  return withoutTrailingZeros(value.toFixed(SIGNIFICANT_DIGITS - 1 - power));
}

function withoutTrailingZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** Local time, `2025-04-18 22:47:36.147483648`. */
export function timeText(nanoseconds: bigint): string {
  const date = new Date(Number(nanoseconds / NANOSECONDS_PER_SECOND) * 1000);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${day} ${clock}.${(nanoseconds % NANOSECONDS_PER_SECOND).toString().padStart(9, '0')}`;
}

function two(value: number): string {
  return value.toString().padStart(2, '0');
}
