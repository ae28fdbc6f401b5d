/** What an output's card says. */

import type { Output } from '@peregrine/api/contract';
import { countText, durationText } from '../../format.ts';

export type Condition = Output['state'] | 'refusing';

/** `refusing`: it takes alerts, but not all of them. */
export const conditionOf = ({
  state,
  deadLetterCount,
}: Pick<Output, 'state' | 'deadLetterCount'>): Condition =>
  state === 'delivering' && deadLetterCount > 0 ? 'refusing' : state;

type Figure = readonly [name: string, value: string, isBad?: boolean];

export function figuresOf(output: Output): readonly Figure[] {
  const { waitingCount, oldestMs, minimumPriority } = output;
  const figures: Figure[] = [
    ['Delivered', countText(output.deliveredCount)],
    ['Waiting', waitingCount === 0 ? '0' : `${countText(waitingCount)}, oldest ${durationText(oldestMs)}`],
    ['Tries that failed', countText(output.failedCount), output.failedCount > 0],
    ['Refused', countText(output.rejectedCount), output.rejectedCount > 0],
    ['Dead letters', countText(output.deadLetterCount), output.deadLetterCount > 0],
    ['From priority', minimumPriority === '' ? 'any' : minimumPriority],
  ];
  if (output.expiredCount > 0) figures.push(['Too old to send', countText(output.expiredCount), true]);
  if (output.skippedCount > 0) figures.push(['Filtered out', countText(output.skippedCount)]);
  return figures;
}

export function summaryOf(outputs: readonly Pick<Output, 'state' | 'deadLetterCount'>[]): string {
  const troubled = outputs.filter((output) => conditionOf(output) !== 'delivering').length;
  if (outputs.length === 0) return 'none is on';
  return troubled === 0
    ? `${countText(outputs.length)}, all delivering`
    : `${countText(troubled)} of ${countText(outputs.length)} need a look`;
}
