/** Complaints that whoever sends bad input could provoke by the thousand: each kind is told seldom, with the number left out. */

import type { Tell } from './feed.ts';

const PAUSE_MS = 10_000;
const MOST_KINDS = 64;

interface Kind {
  toldMs: number;
  untold: number;
}

export class Complaints {
  readonly #tell: Tell;
  readonly #now: () => number;
  readonly #kinds = new Map<string, Kind>();

  constructor(tell: Tell, now: () => number = () => performance.now()) {
    this.#tell = tell;
    this.#now = now;
  }

  /** `detail` may hold what a stranger wrote: it is cut, and made one printable line. */
  add(kind: string, detail = ''): void {
    const now = this.#now();
    const known = this.#kinds.get(kind);
    if (known !== undefined && now - known.toldMs < PAUSE_MS) {
      known.untold++;
      return;
    }
    if (known === undefined && this.#kinds.size >= MOST_KINDS) this.#kinds.clear();
    const more = known?.untold ? `, and ${known.untold} times more since it was last told` : '';
    this.#kinds.set(kind, { toldMs: now, untold: 0 });
    this.#tell('warning', `${kind}${detail === '' ? '' : `: ${printable(detail)}`}${more}`);
  }
}

const MOST_CHARS = 300;

/** One line that can do a terminal no harm. */
export function printable(text: string): string {
  const cut = text.length > MOST_CHARS ? `${text.slice(0, MOST_CHARS)}...` : text;
  return cut.replace(/[^\x20-\x7e]/g, '?');
}
