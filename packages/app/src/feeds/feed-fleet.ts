/** All sources that are read beside the kernel: started, reloaded, measured and stopped together. */

import type { Setup } from '../detection/setup.ts';
import { addMatches, type RuleCount } from '../detection/statistics.ts';
import { identityOf, type WantedFeed, wantedFeeds } from '../plugins/loaded-plugins.ts';
import { FeedThread, type FeedThreadOptions, type MeasuredThread } from './feed-thread.ts';

export type FeedFleetOptions = Pick<
  FeedThreadOptions,
  'hostname' | 'log' | 'deliver' | 'onExecs' | 'tellsStories'
>;

interface Running {
  readonly identity: string;
  readonly thread: FeedThread;
}

export interface MeasuredFeed extends MeasuredThread {
  readonly source: string;
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
      // All at once: one that takes its time holds up none of the others.
      await Promise.all(wantedFeeds(setup.config).map((wanted) => fleet.#open(wanted, setup)));
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
    for (const { thread } of this.#running) thread.use(setup);
    // Those that are new may want the address of those that go.
    await Promise.all(gone.map(({ thread }) => this.#close(thread)));
    const known = this.#running.map(({ identity }) => identity);
    const added = wanted.filter(({ identity }) => !known.includes(identity));
    await Promise.all(added.map(({ feed }) => this.#openOrTell(feed, setup)));
  }

  async measure(): Promise<readonly MeasuredFeed[]> {
    return Promise.all(
      this.#running.map(async ({ thread }) => ({
        ...(await thread.measure()),
        source: thread.source,
        restarts: thread.restartCount,
      })),
    );
  }

  /** Gives what was counted. */
  async stop(): Promise<{ readonly events: number; readonly matches: readonly RuleCount[] }> {
    await Promise.all(this.#running.map(({ thread }) => this.#close(thread)));
    this.#running = [];
    return { events: this.#events, matches: this.#matches };
  }

  async #open(feed: WantedFeed, setup: Setup): Promise<void> {
    const thread = new FeedThread({ ...this.#options, setup, source: feed.plugin.source });
    const running = { identity: identityOf(feed), thread };
    // Before it is open: whoever stops the fleet stops this one, too.
    this.#running.push(running);
    try {
      await thread.start();
    } catch (error) {
      this.#running = this.#running.filter((other) => other !== running);
      throw error;
    }
  }

  async #openOrTell(feed: WantedFeed, setup: Setup): Promise<void> {
    try {
      await this.#open(feed, setup);
    } catch (error) {
      // Detection goes on without it: the others matter more.
      const why = error instanceof Error ? error.message : String(error);
      this.#options.log('error', `the source \`${feed.plugin.source}\` is not read: ${why}`);
    }
  }

  async #close(thread: FeedThread): Promise<void> {
    await thread.stop();
    const { events, matches } = thread.totals;
    this.#events += events;
    this.#matches = addMatches(this.#matches, matches);
  }
}
