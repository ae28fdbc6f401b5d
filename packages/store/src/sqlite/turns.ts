/** Long work in a thread that others ask, too: it is done in parts, with turns for them in between. */

/** Nobody waits for the answer any more. */
export class Abandoned extends Error {}

/** A call works for so long before others get their turn. */
const MOST_MS = 5;

/** Others get their turn: messages, appends, other questions. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** To be called between parts; waits where it has been long enough. Throws an `Abandoned`. */
export function createTurns(isAbandoned: () => boolean): () => Promise<void> {
  let sinceMs = performance.now();
  return async () => {
    if (isAbandoned()) throw new Abandoned('nobody waits for it');
    if (performance.now() - sinceMs < MOST_MS) return;
    await nextTurn();
    sinceMs = performance.now();
  };
}
