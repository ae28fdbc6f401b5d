/** Times as documents write them, to nanoseconds since the epoch. */

const SHAPE = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,18}))?(Z|[+-]\d\d:\d\d)$/;

/** RFC 3339, with any number of digits after the second. `undefined` for anything else. */
export function parseRfc3339Ns(text: unknown): bigint | undefined {
  const match = typeof text === 'string' ? SHAPE.exec(text) : null;
  if (match === null) return undefined;
  const [, seconds, fraction = '', zone] = match;
  const ms = Date.parse(`${seconds}${zone}`);
  if (Number.isNaN(ms)) return undefined;
  return BigInt(ms) * 1_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, '0'));
}

export function msToNs(ms: number): bigint {
  return BigInt(Math.trunc(ms)) * 1_000_000n;
}

/** Numbers by their size: seconds, milliseconds, microseconds or nanoseconds since the epoch. */
export function numberToNs(value: number): bigint | undefined {
  if (!Number.isFinite(value) || value <= 0) return undefined;
  if (value < 1e11) return BigInt(Math.round(value * 1e6)) * 1_000n;
  if (value < 1e14) return BigInt(Math.round(value * 1e3)) * 1_000n;
  if (value < 1e17) return BigInt(Math.trunc(value)) * 1_000n;
  return BigInt(Math.trunc(value));
}
