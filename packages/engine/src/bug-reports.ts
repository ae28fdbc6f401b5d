/** Bugs met while events are worked on: all are counted, each kind is told of once. */

const MOST_KINDS = 64;

export class BugReports {
  readonly #onBug: (error: unknown) => void;
  readonly #seen = new Set<string>();
  count = 0;

  constructor(onBug: (error: unknown) => void) {
    this.#onBug = onBug;
  }

  add(error: unknown): void {
    this.count++;
    const kind = error instanceof Error ? (error.stack ?? error.message) : String(error);
    if (this.#seen.size >= MOST_KINDS || this.#seen.has(kind)) return;
    this.#seen.add(kind);
    this.#onBug(error);
  }
}
