/** Hours of the week, such as those of an office, in the time zone of the office. */

export const weekDays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type WeekDay = (typeof weekDays)[number];

export interface ScheduleSettings {
  /** IANA name: `Europe/Vienna`. */
  readonly timezone: string;
  readonly days: readonly WeekDay[];
  /** `HH:MM`; with `to` before `from`, the night that begins on the day. */
  readonly from: string;
  readonly to: string;
}

export interface Schedule {
  /** Milliseconds since the epoch in. */
  isOn(nowMs: number): boolean;
}

const MINUTES_PER_DAY = 24 * 60;
const CLOCK = /^(?:([01]?\d|2[0-3]):([0-5]\d)|24:00)$/;

export interface ScheduleProblem {
  readonly key: string;
  readonly why: string;
}

/** The schedule, or everything that is wrong with its settings. */
export function createSchedule(
  settings: ScheduleSettings,
): Schedule | { readonly problems: readonly ScheduleProblem[] } {
  const from = minutesOf(settings.from);
  const to = minutesOf(settings.to);
  const format = formatOf(settings.timezone);
  if (from === undefined || to === undefined || format === undefined) {
    const problem = (key: 'from' | 'to' | 'timezone', what: string): ScheduleProblem => ({
      key,
      why: `is \`${settings[key]}\`, which is no ${what}`,
    });
    return {
      problems: [
        ...(from === undefined ? [problem('from', 'time of day such as `09:00`')] : []),
        ...(to === undefined ? [problem('to', 'time of day such as `17:30`')] : []),
        ...(format === undefined ? [problem('timezone', 'time zone such as `Europe/Vienna`')] : []),
      ],
    };
  }
  const days = new Set<number>(settings.days.map((day) => weekDays.indexOf(day)));
  let latestMinute = Number.NaN;
  let latest = false;
  return {
    isOn: (nowMs) => {
      // Nothing changes within a minute, and finding out is slow.
      const minute = Math.floor(nowMs / 60_000);
      if (minute === latestMinute) return latest;
      latestMinute = minute;
      const { day, minutes } = placeOf(format, nowMs);
      latest = isWithin(day, minutes, { days, from, to });
      return latest;
    },
  };
}

/** `undefined` when there is no such zone. */
function formatOf(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-GB', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
  } catch {
    return undefined;
  }
}

function isWithin(
  day: number,
  minutes: number,
  { days, from, to }: { readonly days: ReadonlySet<number>; readonly from: number; readonly to: number },
): boolean {
  if (from < to) return days.has(day) && minutes >= from && minutes < to;
  // Over midnight: the second part belongs to the day before.
  return (days.has(day) && minutes >= from) || (days.has((day + 6) % 7) && minutes < to);
}

function placeOf(
  format: Intl.DateTimeFormat,
  nowMs: number,
): { readonly day: number; readonly minutes: number } {
  const parts = Object.fromEntries(format.formatToParts(nowMs).map(({ type, value }) => [type, value]));
  const day = weekDays.findIndex((name) => name === parts.weekday?.toLowerCase());
  return { day, minutes: Number(parts.hour) * 60 + Number(parts.minute) };
}

function minutesOf(text: string): number | undefined {
  const match = CLOCK.exec(text);
  if (match === null) return undefined;
  return match[1] === undefined ? MINUTES_PER_DAY : Number(match[1]) * 60 + Number(match[2]);
}
