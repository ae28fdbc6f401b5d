/** The one contract between detecting and reacting. */

import type { AlertStory } from './alert-story.ts';

/** Lower is more urgent; the number is the syslog severity. */
export const priorities = [
  'Emergency',
  'Alert',
  'Critical',
  'Error',
  'Warning',
  'Notice',
  'Informational',
  'Debug',
] as const;
export type Priority = (typeof priorities)[number];

/** A field's value in an alert: exact integers, text as UTF-16, lists. */
export type AlertValue = string | number | bigint | boolean | null | readonly AlertValue[];

export interface Alert {
  readonly rule: string;
  readonly priority: Priority;
  readonly source: string;
  /** Sorted. */
  readonly tags: readonly string[];
  readonly hostname: string;
  /** Nanoseconds since the epoch. */
  readonly timeNs: bigint;
  /** The rule's output, formatted, without time and priority. */
  readonly message: string;
  /** Time, priority and message, as the text output has them before escaping. */
  readonly output: string;
  /** Keys in alphabetical order. */
  readonly fields: Readonly<Record<string, AlertValue>>;
  /** For the hub and its store only: outputs do not show it. */
  readonly story?: AlertStory | undefined;
}
