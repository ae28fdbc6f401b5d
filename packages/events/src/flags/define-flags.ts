/** A named table of bits or values, in the order in which they print. */

export interface FlagTable {
  readonly name: string;
  /** Values may repeat: an enumeration prints every name of a value. */
  readonly entries: readonly (readonly [name: string, value: number])[];
}

export function defineFlags(name: string, entries: FlagTable['entries']): FlagTable {
  return Object.freeze({ name, entries });
}
