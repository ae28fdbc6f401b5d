/** How it stands with responses, in words. */

import type { LimitUse, ResponseStatus } from '@peregrine/api/contract';
import { countText, durationText } from '../../format.ts';
import { runStates, stateWords } from '../../shared/run-words.ts';

/** Who acts. */
export function leaderText({ isLeading, leader }: Pick<ResponseStatus, 'isLeading' | 'leader'>): string {
  if (isLeading) return leader === null ? 'This hub acts' : `This hub acts (${leader})`;
  return leader === null
    ? 'No hub acts right now: this one stands by'
    : `${leader} acts, and this hub stands by`;
}

export function waitingText(count: number): string {
  if (count === 0) return 'Nothing waits for approval';
  return count === 1 ? '1 waits for approval' : `${countText(count)} wait for approval`;
}

/** `3 of 10 within 1 min, each namespace: most in default`. */
export function limitText({ usedCount, mostCount, windowMs, scope, where }: LimitUse): string {
  const most = where === '' ? '' : `: most in ${where}`;
  return `${countText(usedCount)} of ${countText(mostCount)} within ${windowText(windowMs)}, ${scope}${most}`;
}

/** Whole units, as they were written: `1 min` rather than `60 s`. */
function windowText(ms: number): string {
  return ms < 60_000 ? `${Math.round(ms / 1_000)} s` : durationText(ms);
}

export function heldText(count: number): string {
  return count === 0 ? 'held nothing' : `held ${countText(count)}`;
}

/** Since the start, what there was most to look at first. */
export function countsText(counts: ResponseStatus['counts']): string {
  const shown = runStates.flatMap((state) => {
    const count = counts.find((one) => one.state === state)?.count ?? 0;
    return count === 0 || state === 'waiting' ? [] : [`${countText(count)} ${stateWords[state].text}`];
  });
  return shown.join(', ');
}
