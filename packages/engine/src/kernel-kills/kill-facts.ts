/** What the kernel's programs know of a call, as bits of a word; `bpf/kills.h` has the same. */
export const killFact = {
  reads: 1,
  writes: 1 << 1,
  success: 1 << 2,
  fileKnown: 1 << 3,
  programKnown: 1 << 4,
} as const;

/** First bits of those for user ids and for paths. */
export const FIRST_UID_FACT = 5;
export const FIRST_PATH_FACT = 17;
export const killLimits = { clauses: 32, uids: 12, pathFacts: 15, paths: 1_024, pathBytes: 250 } as const;

/** Holds where the bits of `mask` have those of `value`. Bits are unsigned. */
export interface Clause {
  readonly mask: number;
  readonly value: number;
}

/** All of the bits as given: set where they are in `value`. */
export function clauseOf(mask: number, value: number): Clause {
  return { mask: mask >>> 0, value: value >>> 0 };
}

/** One clause of either side together, where they agree. */
export function bothClauses(left: readonly Clause[], right: readonly Clause[]): readonly Clause[] {
  return left.flatMap((one) =>
    right
      .filter((other) => ((one.value ^ other.value) & one.mask & other.mask) === 0)
      .map((other) => clauseOf(one.mask | other.mask, one.value | other.value)),
  );
}
