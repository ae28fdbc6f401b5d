/** The period that the overview shows, as its address has it. */

import type { FilterQuery } from '@peregrine/api/contract';
import { timeText } from '../../format.ts';

export interface PeriodChoice {
  readonly since: string;
  readonly title: string;
  /** After "in the". */
  readonly words: string;
  readonly key: string;
}

export const periodChoices: readonly PeriodChoice[] = [
  { since: '1h', title: '1 h', words: 'last hour', key: '1' },
  { since: '24h', title: '24 h', words: 'last 24 hours', key: '2' },
  { since: '7d', title: '7 d', words: 'last 7 days', key: '3' },
  { since: '30d', title: '30 d', words: 'last 30 days', key: '4' },
];

const DEFAULT_SINCE = '24h';

export type PeriodQuery = Pick<FilterQuery, 'since' | 'from' | 'to'>;

/** Nothing of the address but the period; 24 hours unless it has one. */
export function periodOf(query: URLSearchParams): PeriodQuery {
  const from = query.get('from') ?? '';
  const to = query.get('to') ?? '';
  if (from !== '') return to === '' ? { from } : { from, to };
  return { since: query.get('since') || DEFAULT_SINCE };
}

/** `in the last 24 hours`, `from 10:00:00 to 11:00:00`. */
export function periodWords({ since, from, to }: PeriodQuery): string {
  if (from !== undefined)
    return `from ${timeText(from)}${to === undefined ? ' to now' : ` to ${timeText(to)}`}`;
  const choice = periodChoices.find((one) => one.since === since);
  return choice === undefined ? `in the last ${since}` : `in the ${choice.words}`;
}

/** `1 hour`, `24 hours`, `7 days`: of a length in milliseconds. */
export function lengthWords(lengthMs: number): string {
  const minutes = Math.round(lengthMs / 60_000);
  for (const [unit, size, most] of [
    ['minute', 1, 60],
    ['hour', 60, 49 * 60],
  ] as const)
    if (minutes < most) return counted(Math.max(1, Math.round(minutes / size)), unit);
  return counted(Math.round(minutes / 1_440), 'day');
}

const counted = (count: number, unit: string): string => `${count} ${unit}${count === 1 ? '' : 's'}`;

export function periodParameters(period: PeriodQuery): URLSearchParams {
  return new URLSearchParams(
    Object.entries(period).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
