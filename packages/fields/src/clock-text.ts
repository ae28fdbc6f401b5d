/** Points in time as text. For outputs, not for every event. */

const NS_PER_SECOND = 1_000_000_000n;
const MS_PER_SECOND = 1000;

/** Whole seconds, and the nanoseconds of the second begun. */
export function splitTime(timeNs: bigint): { readonly seconds: number; readonly nanoseconds: number } {
  return { seconds: Number(timeNs / NS_PER_SECOND), nanoseconds: Number(timeNs % NS_PER_SECOND) };
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}

/** Remembers the latest answer: many events share a second. Not state: forgetting it costs only time. */
function ofLatestSecond(write: (seconds: number) => string): (seconds: number) => string {
  let latest = Number.NaN;
  let text = '';
  return (seconds) => {
    if (seconds !== latest) {
      text = write(seconds);
      latest = seconds;
    }
    return text;
  };
}

/** `HH:MM:SS` in the machine's time zone. */
export const localClock: (seconds: number) => string = ofLatestSecond((seconds) => {
  const date = new Date(seconds * MS_PER_SECOND);
  return `${pad(date.getHours(), 2)}:${pad(date.getMinutes(), 2)}:${pad(date.getSeconds(), 2)}`;
});

/** `YYYY-MM-DD` in the machine's time zone. */
export function localDay(seconds: number): string {
  const date = new Date(seconds * MS_PER_SECOND);
  return `${pad(date.getFullYear(), 4)}-${pad(date.getMonth() + 1, 2)}-${pad(date.getDate(), 2)}`;
}

/** `.nnnnnnnnn` */
export function fraction(nanoseconds: number): string {
  return `.${pad(nanoseconds, 9)}`;
}

/** `YYYY-MM-DDTHH:MM:SS.nnnnnnnnn+0000` */
export function isoTime(seconds: number, nanoseconds: number): string {
  return `${new Date(seconds * MS_PER_SECOND).toISOString().slice(0, 19)}${fraction(nanoseconds)}+0000`;
}
