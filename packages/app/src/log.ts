/** What the program tells its operator, besides alerts. The entry point decides where it goes. */

/** Priorities of rules, most urgent first. */
export { priorities as priorityNames } from '@peregrine/alert';

export const logLevels = [
  'emergency',
  'alert',
  'critical',
  'error',
  'warning',
  'notice',
  'info',
  'debug',
] as const;
export type LogLevel = (typeof logLevels)[number];

export type Log = (level: LogLevel, message: string) => void;

/** Whether a message of `level` is to be shown when `least` is the least urgent level wanted. */
export function isWanted(level: LogLevel, least: LogLevel): boolean {
  return logLevels.indexOf(level) <= logLevels.indexOf(least);
}
