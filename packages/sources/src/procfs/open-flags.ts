/** Open flags of Linux to those of events, which are the same on every architecture. */

/** Access mode: read, write, both. */
const ACCESS_MASK = 0o3;

/** Linux bit (octal, as `fdinfo` prints them on x86 and ARM alike but for the last three) and event bit. */
const BITS: readonly (readonly [linux: number, event: number])[] = [
  [0o2000, 1 << 3],
  [0o10000, 1 << 4],
  [0o4000, 1 << 6],
  [0o4000000, 1 << 7],
  [0o40000, 1 << 9],
  [0o200000, 1 << 10],
  [0o100000, 1 << 11],
  [0o2000000, 1 << 12],
];

export const openFlagBit = { closeOnExec: 1 << 12 } as const;

/** `flags` as `fdinfo` gives them. */
export function openFlagsOf(flags: number): number {
  let result = (flags & ACCESS_MASK) + 1;
  for (const [linux, event] of BITS) if (flags & linux) result |= event;
  return result;
}
