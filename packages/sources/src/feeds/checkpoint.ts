/** How far a feed has come, in a file that survives the program. Written whole or not at all. */

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Tell } from './feed.ts';

/** At most one write in so many milliseconds. */
const PAUSE_MS = 1_000;

export class Checkpoint<T> {
  readonly #path: string;
  readonly #tell: Tell;
  #latest: T | undefined;
  #writtenMs = Number.NEGATIVE_INFINITY;
  #hasFailed = false;

  /** `''`: nothing is kept. */
  constructor(path: string, tell: Tell) {
    this.#path = path;
    this.#tell = tell;
  }

  /** `undefined`: there is none, or it is none of ours. */
  read(isOurs: (value: unknown) => value is T): T | undefined {
    if (this.#path === '') return undefined;
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch {
      return undefined;
    }
    try {
      const value: unknown = JSON.parse(text);
      if (isOurs(value)) return value;
    } catch {
      // Told below.
    }
    this.#tell('warning', `\`${this.#path}\` is no record of how far was read: reading begins anew`);
    return undefined;
  }

  /** Written soon; `flush` writes it now. */
  set(value: T): void {
    this.#latest = value;
    if (performance.now() - this.#writtenMs >= PAUSE_MS) this.flush();
  }

  flush(): void {
    if (this.#path === '' || this.#latest === undefined) return;
    this.#writtenMs = performance.now();
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
      writeFileSync(`${this.#path}.new`, JSON.stringify(this.#latest), { mode: 0o600 });
      renameSync(`${this.#path}.new`, this.#path);
      this.#latest = undefined;
      this.#hasFailed = false;
    } catch (error) {
      if (this.#hasFailed) return;
      this.#hasFailed = true;
      const why = error instanceof Error ? error.message : String(error);
      this.#tell(
        'error',
        `cannot keep how far was read, and events may be read twice or not at all after a restart: ${why}`,
      );
    }
  }
}
