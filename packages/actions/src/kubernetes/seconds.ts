/** Times of Talon's parameters, which are numbers of seconds; ours may have units, too. */

import { parseDuration, parsedText, type ValueSchema } from '@peregrine/base';

/** The value is seconds, and so are the bounds. */
export function secondsKey(options: {
  readonly doc: string;
  readonly default: string;
  readonly min: number;
  readonly max: number;
}): ValueSchema<number> {
  const { min, max } = options;
  return parsedText({ ...options, type: 'seconds', example: '90s' }, (text) => {
    const ms = /^\d{1,9}$/.test(text.trim()) ? Number(text) * 1000 : parseDuration(text.trim());
    if (ms === undefined) return { why: 'seconds are wanted, such as `30` or `1m30s`' };
    const seconds = ms / 1000;
    if (seconds < min) return { why: `at least ${min} s are wanted` };
    return seconds > max ? { why: `at most ${max} s are wanted` } : { value: seconds };
  });
}
