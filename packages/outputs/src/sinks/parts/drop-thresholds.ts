/** How urgent it is that Falco lost events: thresholds of counts, each with a priority. */

import { type Priority, priorities } from '@peregrine/alert';
import { parsedText, type ValueSchema } from '@peregrine/base';

export interface DropThreshold {
  readonly count: number;
  /** `undefined`: that of `dropeventdefaultpriority`. */
  readonly priority: Priority | undefined;
}

/** Most urgent first, whatever order they are written in. */
export function dropThresholds(options: {
  readonly default: string;
  readonly doc: string;
}): ValueSchema<readonly DropThreshold[]> {
  return parsedText({ ...options, type: 'count:priority, separated by commas' }, parseThresholds);
}

function parseThresholds(
  text: string,
): { readonly value: readonly DropThreshold[] } | { readonly why: string } {
  const thresholds: DropThreshold[] = [];
  for (const part of text
    .split(',')
    .map((written) => written.trim())
    .filter((written) => written !== '')) {
    const [count = '', word, ...rest] = part.split(':').map((piece) => piece.trim());
    if (!/^\d+$/.test(count) || rest.length > 0) return { why: `\`${part}\` is not a count with a priority` };
    const priority = priorities.find((candidate) => candidate.toLowerCase() === word?.toLowerCase());
    if (word !== undefined && priority === undefined) return { why: `\`${word}\` is no priority` };
    thresholds.push({ count: Number(count), priority });
  }
  return { value: thresholds.sort((a, b) => b.count - a.count) };
}

/** The highest threshold that the count is above. */
export function thresholdFor(count: number, thresholds: readonly DropThreshold[]): DropThreshold | undefined {
  return thresholds.find((threshold) => count > threshold.count);
}
