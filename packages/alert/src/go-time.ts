/** COMPAT: times as Go prints them where nothing else is asked: `2021-01-14 23:39:45.12 +0000 UTC`. */

/** `time` is RFC 3339, as alerts have it. */
export function goTime(time: string): string {
  const match = /^(.*)T(.*?)(Z|[-+]\d\d:\d\d)$/.exec(time);
  if (match === null) return time;
  const [, day, clock, zone = ''] = match;
  const offset = zone === 'Z' ? '+0000' : zone.replace(':', '');
  return `${day} ${clock} ${offset} ${zone === 'Z' ? 'UTC' : offset}`;
}
