/** Names of bits and values, joined by a bar. What was asked for before is not put together again. */

import type { FlagTable } from '../flags/define-flags.ts';

const MOST_REMEMBERED = 1_024;

export class FlagNames {
  readonly #bits = new Map<FlagTable, Map<number, string>>();
  readonly #values = new Map<FlagTable, Map<number, string>>();

  /** Names of the bits that are set; `''` when none has a name. */
  ofBits(table: FlagTable, value: number): string {
    return remembered(this.#bits, table, value, bitNames);
  }

  /** All names of one value of an enumeration. */
  ofValue(table: FlagTable, value: number): string {
    return remembered(this.#values, table, value, valueNames);
  }
}

function remembered(
  memory: Map<FlagTable, Map<number, string>>,
  table: FlagTable,
  value: number,
  make: (table: FlagTable, value: number) => string,
): string {
  let names = memory.get(table);
  if (names === undefined) {
    names = new Map();
    memory.set(table, names);
  }
  let text = names.get(value);
  if (text === undefined) {
    if (names.size >= MOST_REMEMBERED) names.clear();
    text = make(table, value);
    names.set(value, text);
  }
  return text;
}

/**
 * COMPAT: in table order; a name that equals the whole value ends the list, and one takes its bits away from those
 * that follow, so that read-write does not also print as read-only and write-only.
 */
function bitNames(table: FlagTable, value: number): string {
  const names: string[] = [];
  let left = value;
  for (const [name, bits] of table.entries) {
    if (bits === value) {
      names.push(name);
      break;
    }
    if (bits !== 0 && left !== 0 && (left & bits) >>> 0 === bits) {
      names.push(name);
      left = (left & ~bits) >>> 0;
    }
  }
  return names.join('|');
}

function valueNames(table: FlagTable, value: number): string {
  const names: string[] = [];
  for (const [name, number] of table.entries) if (number === value) names.push(name);
  return names.join('|');
}
