/** Times as lines show them; nanoseconds since the epoch in. */

const NS_PER_SECOND = 1_000_000_000n;

/** Local time, `HH:MM:SS.nnnnnnnnn`. */
export function clockTime(timeNs: bigint): string {
  const date = new Date(Number(timeNs / 1_000_000n));
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${fraction(timeNs)}`;
}

/** UTC, `YYYY-MM-DDTHH:MM:SS.nnnnnnnnnZ`. */
export function iso8601Nanoseconds(timeNs: bigint): string {
  const digits = timeNs.toString();
  const seconds = Number(digits.slice(0, -FRACTION_DIGITS));
  if (seconds !== latestSeconds) {
    latestText = new Date(seconds * 1000).toISOString().slice(0, -5);
    latestSeconds = seconds;
  }
  return `${latestText}.${digits.slice(-FRACTION_DIGITS).padStart(FRACTION_DIGITS, '0')}Z`;
}

const FRACTION_DIGITS = 9;
/** Not state: many alerts share a second, and forgetting it costs only time. */
let latestSeconds = Number.NaN;
let latestText = '';

function fraction(timeNs: bigint): string {
  return (timeNs % NS_PER_SECOND).toString().padStart(9, '0');
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
