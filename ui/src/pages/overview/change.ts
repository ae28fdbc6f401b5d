/** How a count compares with the one of the period before, in few letters. */

export interface Change {
  readonly text: string;
  readonly direction: 'up' | 'down' | 'same';
  /** For who hears it. */
  readonly words: string;
}

/** `+12 %`, `×3.2`, `−40 %`, `was 0`; `undefined` where there was and is nothing. */
export function changeOf(count: number, previous: number): Change | undefined {
  if (count === 0 && previous === 0) return undefined;
  const before = `${previous.toLocaleString()} in the period before`;
  if (count === previous) return { text: 'same', direction: 'same', words: `the same as before` };
  if (previous === 0) return { text: 'was 0', direction: 'up', words: 'none in the period before' };
  if (count >= 2 * previous) {
    const times = count / previous;
    const text = `×${times >= 10 ? Math.round(times).toLocaleString() : times.toFixed(1)}`;
    return { text, direction: 'up', words: `${text}, ${before}` };
  }
  const percent = Math.round((Math.abs(count - previous) / previous) * 100);
  if (percent === 0) return { text: 'same', direction: 'same', words: `about the same: ${before}` };
  return count > previous
    ? { text: `+${percent} %`, direction: 'up', words: `${percent} % more, ${before}` }
    : { text: `−${percent} %`, direction: 'down', words: `${percent} % fewer, ${before}` };
}
