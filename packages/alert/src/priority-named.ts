/** Priorities by the names that people and programs write. */

import { type Priority, priorities } from './alert.ts';

/** COMPAT: letter case does not count, and `info` is meant as `informational`. */
export function priorityNamed(text: string): Priority | undefined {
  const known = byName.get(text);
  if (known !== undefined) return known;
  return byName.get(text.toLowerCase());
}

const byName: ReadonlyMap<string, Priority> = new Map([
  ...priorities.flatMap((priority): [string, Priority][] => [
    [priority, priority],
    [priority.toLowerCase(), priority],
  ]),
  ['info', 'Informational'],
]);
