/** All sources that are read beside the kernel: started, reloaded, measured and stopped together. */

import type { Setup } from '../detection/setup.ts';
import { addMatches, type RuleCount } from '../detection/statistics.ts';
import { identityOf, type WantedFeed, wantedFeeds } from '../plugins/loaded-plugins.ts';
import type { FeedMeasurement } from './feed-measurement.ts';
import { FeedThread, type FeedThreadOptions } from './feed-thread.ts';

export type FeedFleetOptions = Pick<FeedThreadOptions, 'hostname' | 'log' | 'deliver' | 'onExecs'>;

interface Running {
  readonly identity: string;
  readonly thread: FeedThread;
}

export interface MeasuredFeed {
  readonly measurement: FeedMeasurement;
  readonly restarts: number;
}

export class FeedFleet {
  readonly #options: FeedFleetOptions;
  #running: Running[] = [];
  #events = 0;
  #matches: readonly RuleCount[] = [];

  private constructor(options: FeedFleetOptions) {
    this.#options = options;
  }

  /** Throws a `Fault` when a source cannot be opened. */
  static async start(setup: Setup, options: FeedFleetOptions): Promise<FeedFleet> {
    const fleet = new FeedFleet(options);
    try {
      for (const wanted of wantedFeeds(setup.config)) await fleet.#open(wanted, setup);
    } catch (error) {
      await fleet.stop();
      throw error;
    }
    return fleet;
  }

  get size(): number {
    return this.#running.length;
  }

  /** Resolves when every source has come to its end. */
  async ended(): Promise<void> {
    await Promise.all(this.#running.map(({ thread }) => thread.ended));
  }

  /** Rules and settings from now on. Sources whose own settings stay the same go on as they are. */
  async use(setup: Setup): Promise<void> {
    const wanted = wantedFeeds(setup.config).map((feed) => ({ feed, identity: identityOf(feed) }));
    const isKept = ({ identity }: Running): boolean => wanted.some((other) => other.identity === identity);
    const gone = this.#running.filter((running) => !isKept(running));
    this.#running = this.#running.filter(isKept);
    for (const { thread } of gone) await this.#close(thread);
    for (const { thread } of this.#running) thread.use(setup);
    const known = this.#running.map(({ identity }) => identity);
    for (const { feed, identity } of wanted) {
      if (known.includes(identity)) continue;
      try {
        await this.#open(feed, setup);
      } catch (error) {
        // Detection goes on without it: the others matter more.
        const why = error instanceof Error ? error.message : String(error);
        this.#options.log('error', `the source \`${feed.plugin.source}\` is not read: ${why}`);
      }
    }
  }

  async measure(): Promise<readonly MeasuredFeed[]> {
    const measured = await Promise.all(
      this.#running.map(async ({ thread }) => {
        const measurement = await thread.measure();
        return measurement === undefined ? [] : [{ measurement, restarts: thread.restartCount }];
      }),
    );
    return measured.flat();
  }

  /** Gives what was counted. */
  async stop(): Promise<{ readonly events: number; readonly matches: readonly RuleCount[] }> {
    await Promise.all(this.#running.map(({ thread }) => this.#close(thread)));
    this.#running = [];
    return { events: this.#events, matches: this.#matches };
  }

  async #open(feed: WantedFeed, setup: Setup): Promise<void> {
    const thread = new FeedThread({ ...this.#options, setup, source: feed.plugin.source });
    const title = await thread.start();
    this.#running.push({ identity: identityOf(feed), thread });
    this.#options.log('info', `reading \`${feed.plugin.source}\` events: ${title}`);
  }

  async #close(thread: FeedThread): Promise<void> {
    await thread.stop();
    const { events, matches } = thread.totals;
    this.#events += events;
    this.#matches = addMatches(this.#matches, matches);
  }
}
