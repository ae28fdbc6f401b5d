/**
 * Notices that something stirs where configuration and rules are: in their folders, in the folders of every link on the
 * way, and in those where something that is missing would appear. What became of it is for others to find out.
 */

import { type FSWatcher, watch } from 'node:fs';
import { type NamesOfInterest, placesOf } from './watched-places.ts';

/** Stirs that follow each other this closely are one, milliseconds. */
const SETTLE_MS = 200;
/** Where it does not settle, it is told of all the same after so long. */
const MOST_UNSETTLED_MS = 2_000;
/** Where the kernel does not watch, one looks again after so long. */
const LOOK_AGAIN_MS = 5_000;

export interface PathWatchOptions {
  /** Something stirred, and it may be that nothing changed. The watchers were set anew just before. */
  readonly onStir: () => void;
  /** A folder cannot be watched. Told once, until all can be again. */
  readonly onTrouble: (message: string) => void;
}

export class PathWatch {
  readonly #options: PathWatchOptions;
  #paths: readonly string[] = [];
  #watchers: FSWatcher[] = [];
  #settling: NodeJS.Timeout | undefined;
  #stirredSinceMs: number | undefined;
  #isTroubled = false;
  #isToldOf = false;

  constructor(options: PathWatchOptions) {
    this.#options = options;
  }

  /** Watches these paths and no others. A stir that was not told of yet still will be. */
  follow(paths: readonly string[]): void {
    this.#paths = paths;
    this.#openAll();
  }

  close(): void {
    clearTimeout(this.#settling);
    this.#settling = undefined;
    this.#closeAll();
  }

  /** A watcher dies with its folder, whose name may have been given to another by now: all are opened anew. */
  #openAll(): void {
    this.#closeAll();
    this.#isTroubled = false;
    for (const [folder, names] of placesOf(this.#paths)) this.#open(folder, names);
    if (!this.#isTroubled) this.#isToldOf = false;
    else this.#settling ??= this.#later(LOOK_AGAIN_MS);
  }

  #open(folder: string, names: NamesOfInterest): void {
    try {
      const watcher = watch(folder, { persistent: false }, (_event, name) => {
        if (name === null || names === 'every' || names.has(name)) this.#stir();
      });
      watcher.on('error', (error) => this.#complain(folder, error));
      this.#watchers.push(watcher);
    } catch (error) {
      this.#complain(folder, error);
    }
  }

  #complain(folder: string, error: unknown): void {
    this.#isTroubled = true;
    if (!this.#isToldOf) {
      const why = error instanceof Error ? error.message : String(error);
      const pause = `${LOOK_AGAIN_MS / 1_000} s`;
      this.#options.onTrouble(
        `\`${folder}\` is not watched, and looked through every ${pause} instead: ${why}`,
      );
    }
    this.#isToldOf = true;
    this.#settling ??= this.#later(LOOK_AGAIN_MS);
  }

  #closeAll(): void {
    for (const watcher of this.#watchers) watcher.close();
    this.#watchers = [];
  }

  #stir(): void {
    const nowMs = performance.now();
    this.#stirredSinceMs ??= nowMs;
    const leftMs = this.#stirredSinceMs + MOST_UNSETTLED_MS - nowMs;
    clearTimeout(this.#settling);
    this.#settling = this.#later(Math.max(0, Math.min(SETTLE_MS, leftMs)));
  }

  #later(ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.#settling = undefined;
      this.#stirredSinceMs = undefined;
      this.#openAll();
      this.#options.onStir();
    }, ms).unref();
  }
}
