/** 64-bit integers in the form that conditions compare: a number while that is exact, else a bigint. */

export function normalise(value: bigint): number | bigint {
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)
    ? Number(value)
    : value;
}

/** The same 64 bits read as unsigned. */
export function asUnsigned(value: number | bigint): number | bigint {
  return value >= 0 ? value : BigInt.asUintN(64, BigInt(value));
}

/** `undefined` for 0, which stands for a value that nobody knows. */
export function unlessZero(value: number | bigint): number | bigint | undefined {
  return value === 0 || value === 0n ? undefined : value;
}
