/**
 * 64-bit values held as two unsigned 32-bit words, or as a number while that is exact. HOT: `exactU64` allocates
 * only beyond 2^53.
 */

import type { EventView } from '@peregrine/events';

const HIGH_WORD = 4_294_967_296;
/** High words below this one leave the whole value within 2^53. */
const EXACT_HIGH = 1 << 21;

/** A 64-bit unsigned parameter, exact; 0 when the event has none. */
export function exactU64(view: EventView, index: number): number | bigint {
  const value = view.u64(index);
  return value <= Number.MAX_SAFE_INTEGER ? value : view.bigU64(index);
}

/** Low word of a 64-bit parameter, unsigned; 0 when the event has none. */
export function lowU32(view: EventView, index: number): number {
  return view.size(index) < 8 ? 0 : view.data.getUint32(view.offset(index), true);
}

/** High word of a 64-bit parameter, unsigned; 0 when the event has none. */
export function highU32(view: EventView, index: number): number {
  return view.size(index) < 8 ? 0 : view.data.getUint32(view.offset(index) + 4, true);
}

/** Joins two unsigned words. */
export function joinWords(low: number, high: number): number | bigint {
  return high < EXACT_HIGH ? high * HIGH_WORD + low : (BigInt(high) << 32n) | BigInt(low);
}

/** Difference of two 64-bit values, each as low and high word; modulo 2^64, as the reference has it. */
export function subtractWords(
  low: number,
  high: number,
  minusLow: number,
  minusHigh: number,
): number | bigint {
  const difference = (high - minusHigh) * HIGH_WORD + (low - minusLow);
  if (difference >= 0 && difference <= Number.MAX_SAFE_INTEGER) return difference;
  return BigInt.asUintN(
    64,
    ((BigInt(high) << 32n) | BigInt(low)) - ((BigInt(minusHigh) << 32n) | BigInt(minusLow)),
  );
}

export function lowWord(value: number | bigint): number {
  return typeof value === 'bigint' ? Number(value & 0xffff_ffffn) : value % HIGH_WORD;
}

export function highWord(value: number | bigint): number {
  return typeof value === 'bigint' ? Number((value >> 32n) & 0xffff_ffffn) : Math.floor(value / HIGH_WORD);
}
