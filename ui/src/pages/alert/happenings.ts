/** What happened around an alert in the order of time: what the sensor told, and other alerts of the same process or container. */

import type { Alert, Story } from '@peregrine/api/contract';

export interface Happening {
  readonly key: string;
  readonly time: string;
  readonly kind: 'alert' | 'event' | 'other-alert';
  readonly text: string;
  /** Of the process; empty where it is not known. */
  readonly who: string;
  readonly alertId?: string;
  readonly priority?: Alert['priority'];
  /** Against the alert. */
  readonly offset: string;
}

/** Nanoseconds since the epoch; RFC 3339 has them as digits that `Date` drops. */
export function timeNs(time: string): bigint {
  const ms = Date.parse(time);
  if (Number.isNaN(ms)) return 0n;
  const fraction = /\.(\d{1,9})/.exec(time)?.[1] ?? '';
  return BigInt(Math.floor(ms / 1000)) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
}

/** `+1.2 s`, `−15 ms`, `0`. */
export function offsetText(ns: bigint): string {
  if (ns === 0n) return '0';
  const sign = ns < 0n ? '−' : '+';
  const size = Number(ns < 0n ? -ns : ns);
  const units: readonly (readonly [number, string])[] = [
    [86_400e9, 'd'],
    [3_600e9, 'h'],
    [60e9, 'min'],
    [1e9, 's'],
    [1e6, 'ms'],
    [1e3, 'µs'],
    [1, 'ns'],
  ];
  const [unit, name] = units.find(([each]) => size >= each) ?? [1, 'ns'];
  const count = size / unit;
  return `${sign}${count < 10 ? Number(count.toFixed(1)) : Math.round(count)} ${name}`;
}

export function happenings(
  alert: Alert,
  story: Story | null,
  others: readonly Alert[],
): readonly Happening[] {
  const ownNs = timeNs(alert.time);
  const of = (time: string): { time: string; offset: string } => ({
    time,
    offset: offsetText(timeNs(time) - ownNs),
  });
  const name = (one: Alert): string => {
    const value = Object.hasOwn(one.fields, 'proc.name') ? one.fields['proc.name'] : '';
    return typeof value === 'string' && value !== '<NA>' ? value : '';
  };
  const told = [...(story?.before ?? []), ...(story?.after ?? [])]
    .filter(({ isAlert }) => isAlert !== true)
    .map(
      (event, i): Happening => ({
        ...of(event.time),
        key: `e${i}`,
        kind: 'event',
        text: event.text,
        who: event.processName,
      }),
    );
  const seen = new Map(others.filter(({ id }) => id !== alert.id).map((other) => [other.id, other]));
  const list: Happening[] = [
    ...told,
    ...[...seen.values()].map(
      (other): Happening => ({
        ...of(other.time),
        ...{
          key: `a${other.id}`,
          kind: 'other-alert',
          text: other.rule,
          who: name(other),
          alertId: other.id,
        },
        priority: other.priority,
      }),
    ),
    {
      ...of(alert.time),
      key: 'self',
      kind: 'alert',
      text: alert.rule,
      who: name(alert),
      priority: alert.priority,
    },
  ];
  return list.sort((a, b) => {
    const difference = timeNs(a.time) - timeNs(b.time);
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  });
}

/** Sensors tell what came after an alert within so many milliseconds, unless they are set to take longer. */
const AFTER_MS = 8_000;

/** How long it takes until the end of the story should be there; `undefined`: it is, or nobody will tell it. */
export function awaitedMs(
  alert: Pick<Alert, 'time'>,
  story: Story | null,
  nowMs: number,
): number | undefined {
  if (story?.process === undefined || story.after.length > 0) return undefined;
  const ageMs = nowMs - Date.parse(alert.time);
  return ageMs >= 0 && ageMs < AFTER_MS ? AFTER_MS - ageMs : undefined;
}
