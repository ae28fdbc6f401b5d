/** Times as lines show them; nanoseconds since the epoch in. */

const NS_PER_SECOND = 1_000_000_000n;

/** Local time, `HH:MM:SS.nnnnnnnnn`. */
export function clockTime(timeNs: bigint): string {
  const date = new Date(Number(timeNs / 1_000_000n));
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${fraction(timeNs)}`;
}

/** UTC, `YYYY-MM-DDTHH:MM:SS.nnnnnnnnnZ`. */
export function iso8601Nanoseconds(timeNs: bigint): string {
  const seconds = new Date(Number(timeNs / NS_PER_SECOND) * 1000).toISOString().slice(0, -5);
  return `${seconds}.${fraction(timeNs)}Z`;
}

function fraction(timeNs: bigint): string {
  return (timeNs % NS_PER_SECOND).toString().padStart(9, '0');
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
