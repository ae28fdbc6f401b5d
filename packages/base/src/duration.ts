/** Durations as Prometheus writes them: `1h30m`, `500ms`. */

const unitsMs: Readonly<Record<string, number>> = {
  y: 365 * 86_400_000,
  w: 7 * 86_400_000,
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
};
const PATTERN = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;

/** Milliseconds; `undefined` for what is no duration. Units come in order, the longest first, each at most once. */
export function parseDuration(text: string): number | undefined {
  const parts = PATTERN.exec(text)?.slice(1);
  if (parts === undefined || text === '') return undefined;
  return Object.values(unitsMs).reduce((sum, unitMs, i) => sum + Number(parts[i] ?? 0) * unitMs, 0);
}
