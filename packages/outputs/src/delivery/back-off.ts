/** How long to wait before the next attempt: any time up to a limit that doubles, so that many do not come at once. */

export interface BackOffSettings {
  /** Limit after the first failure, milliseconds. */
  readonly firstMs: number;
  /** Largest limit, milliseconds. */
  readonly mostMs: number;
}

/** `failureCount` counts from 1; `random` gives 0 to 1. A pause that the destination asked for is the least. */
export function pauseMs(
  failureCount: number,
  { firstMs, mostMs }: BackOffSettings,
  random: () => number,
  askedMs = 0,
): number {
  const limitMs = Math.min(mostMs, firstMs * 2 ** Math.min(failureCount - 1, 30));
  return askedMs + random() * limitMs;
}
