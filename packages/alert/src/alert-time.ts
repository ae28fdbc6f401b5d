/** Times of alerts: RFC 3339 in, the same without needless zeros out. */

export interface AlertTime {
  /** COMPAT: as Go writes times into JSON: no zeros at the end of the fraction, the offset as it came. */
  readonly text: string;
  /** Nanoseconds since the epoch. */
  readonly ns: bigint;
}

const PATTERN = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([-+])(\d\d):(\d\d))$/;

/** `undefined` for what is no time, and for the year 1, which is how Go says that there is none. */
export function parseAlertTime(text: string): AlertTime | undefined {
  const match = PATTERN.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '', sign, offsetHours, offsetMinutes] = match;
  const parts = [year, month, day, hour, minute, second].map(Number);
  const [y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0] = parts;
  if (h > 23 || mi > 59 || s > 59 || Number(offsetHours ?? 0) > 23 || Number(offsetMinutes ?? 0) > 59)
    return undefined;
  const utcMs = Date.UTC(y, mo - 1, d, h, mi, s);
  const date = new Date(utcMs);
  // Years below 100 are others to `Date.UTC`, and a 30th of February is the 1st or 2nd of March.
  if (y < 100 || date.getUTCMonth() !== mo - 1 || date.getUTCDate() !== d) return undefined;
  const offsetMs =
    (sign === '-' ? -1 : 1) * (Number(offsetHours ?? 0) * 60 + Number(offsetMinutes ?? 0)) * 60_000;
  const nanoseconds = fraction.slice(0, 9).padEnd(9, '0');
  const shown = nanoseconds.replace(/0+$/, '');
  const zone = sign === undefined ? 'Z' : `${sign}${offsetHours}:${offsetMinutes}`;
  return {
    text: `${text.slice(0, 19)}${shown === '' ? '' : `.${shown}`}${zone === '+00:00' || zone === '-00:00' ? 'Z' : zone}`,
    ns: BigInt(utcMs - offsetMs) * 1_000_000n + BigInt(nanoseconds),
  };
}
