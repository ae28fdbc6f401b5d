/** Priorities of rules, by number: 0 Emergency to 7 Debug. */

export const priorityNames: readonly string[] = [
  'emergency',
  'alert',
  'critical',
  'error',
  'warning',
  'notice',
  'informational',
  'debug',
];

/** Letter case does not count; `info` is short for informational. */
export function parsePriority(text: string): number | undefined {
  const name = text.toLowerCase();
  const index = name === 'info' ? priorityNames.indexOf('informational') : priorityNames.indexOf(name);
  return index < 0 ? undefined : index;
}
