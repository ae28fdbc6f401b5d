/**
 * Loads configuration and rules again, on request or because they have changed: one reload after the other, each of
 * what is on the disk when it begins, and never of files that change while they are read. What was in use stays in use
 * until all of the new is there.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import type { ReadSetup } from '../detection/setup.ts';
import type { Log } from '../log.ts';
import { PathWatch } from './path-watch.ts';

/** Files that change while they are read get so long to come to rest, milliseconds. */
const REST_MS = 200;
/** Attempts after which somebody is told why nothing happens. */
const TOLD_AFTER = 10;

export interface ReloaderOptions {
  /** What is in use. */
  readonly first: ReadSetup;
  readonly read: () => Promise<ReadSetup>;
  /** Puts it in use, or refuses it and says so; gives which. */
  readonly use: (read: ReadSetup) => Promise<boolean>;
  readonly log: Log;
}

export class Reloader {
  readonly #options: ReloaderOptions;
  readonly #watch: PathWatch;
  #isWatching: boolean;
  /** What the disk was found to hold most recently, whether it could be used or not. */
  #latest: ReadSetup;
  #inUse: ReadSetup;
  #askedBy: string | undefined;
  #isStirred = false;
  #running: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: ReloaderOptions) {
    this.#options = options;
    this.#latest = options.first;
    this.#inUse = options.first;
    this.#isWatching = isWatched(options.first);
    this.#watch = new PathWatch({
      onStir: () => this.#look(),
      onTrouble: (message) => options.log('warning', message),
    });
  }

  /** Begins to watch, if the configuration has it so. What has changed since the first reading is taken now. */
  start(): void {
    this.#follow();
  }

  /** Asks for a reload of what is on the disk now or later, changed or not. `why` goes before a colon. */
  request(why: string): void {
    this.#askedBy = why;
    this.#run();
  }

  /** Resolves when nothing is left to do at present. */
  async rested(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  close(): void {
    this.#isClosed = true;
    this.#watch.close();
  }

  #look(): void {
    this.#isStirred = true;
    this.#run();
  }

  /** What came about before the watchers were there is looked for at once. */
  #follow(): void {
    if (this.#isClosed) return;
    if (!this.#isWatching) {
      this.#watch.close();
      return;
    }
    this.#watch.follow(this.#latest.disk.paths);
    this.#look();
  }

  #run(): void {
    this.#running ??= this.#work();
  }

  async #work(): Promise<void> {
    // Not within `#run`, which has yet to note that this runs.
    await Promise.resolve();
    for (let why = this.#reason(); why !== undefined && !this.#isClosed; why = this.#reason()) {
      try {
        await this.#reload(why);
      } catch (error) {
        this.#options.log('error', error instanceof Error ? error.message : String(error));
      }
    }
    this.#running = undefined;
  }

  #reason(): string | undefined {
    const asked = this.#askedBy;
    this.#askedBy = undefined;
    const changed = this.#isStirred && asked === undefined ? this.#latest.disk.changedPath() : undefined;
    this.#isStirred = false;
    return asked ?? (changed === undefined ? undefined : `\`${changed}\` has changed`);
  }

  async #reload(why: string): Promise<void> {
    const { log, use } = this.#options;
    log('info', `${why}: loading configuration and rules again`);
    const read = await this.#readAtRest();
    if (read === undefined) return;
    this.#latest = read;
    try {
      if (await use(read)) this.#took(read);
    } finally {
      this.#follow();
    }
  }

  #took(read: ReadSetup): void {
    const { log } = this.#options;
    const names = new Set(read.setup?.ruleFiles.map(({ name }) => name));
    for (const { name } of this.#inUse.setup?.ruleFiles ?? [])
      if (!names.has(name)) log('warning', `\`${name}\` is not read any more, and its rules are gone`);
    this.#inUse = read;
    this.#isWatching = isWatched(read);
    log('info', 'the new configuration and rules are in use');
  }

  /** `undefined`: it is over before the files came to rest. */
  async #readAtRest(): Promise<ReadSetup | undefined> {
    for (let attempt = 1; !this.#isClosed; attempt++) {
      const read = await this.#options.read();
      const changed = read.disk.changedPath();
      if (changed === undefined) return read;
      if (attempt === TOLD_AFTER)
        this.#options.log(
          'warning',
          `\`${changed}\` changes whenever it is read: the new configuration and rules wait until it rests`,
        );
      await sleep(REST_MS);
    }
    return undefined;
  }
}

function isWatched({ setup }: ReadSetup): boolean {
  return setup?.config.watch_config_files !== false;
}
