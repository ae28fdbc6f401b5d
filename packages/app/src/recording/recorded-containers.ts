/**
 * Containers in a recording: runtimes are asked about those that events tell of, and the answers are recorded as events,
 * so that a replay knows them as well. HOT: `follow` runs for every event; all but a few codes are passed over.
 */

import { EVENT_CODE_COUNT, type EventView, eventRoster } from '@peregrine/events';
import type { RuntimeSettings } from '@peregrine/sources/containers';
import type { StateEngine, StateOptions } from '@peregrine/state';
import { ContainerFollower } from '../containers/container-follower.ts';
import { ContainerWatch } from '../containers/container-watch.ts';
import type { Log } from '../log.ts';

/** What begins and ends threads, and tells of containers: the least that it takes to know which containers there are. */
const followedNames = new Set(
  'clone clone3 fork vfork execve execveat chroot procexit asyncevent'.split(' '),
);
const isFollowed: Uint8Array = Uint8Array.from(eventRoster, ({ name }) => (followedNames.has(name) ? 1 : 0));

export interface RecordedContainersOptions {
  readonly settings: RuntimeSettings;
  readonly log: Log;
  /** Takes events that tell of containers, as it takes those of the kernel. */
  readonly emit: (view: EventView) => void;
}

export class RecordedContainers {
  readonly #watch: ContainerWatch;
  readonly #follower: ContainerFollower;
  #state: StateEngine | undefined;
  /** What the tables are to call. */
  readonly hooks: Required<Pick<StateOptions, 'onContainer' | 'onContainerEnd'>>;

  constructor({ settings, log, emit }: RecordedContainersOptions) {
    this.#watch = new ContainerWatch({
      ...{ settings, log },
      onAnswers: (answers) => this.#follower.take(answers),
    });
    this.#follower = new ContainerFollower({
      emit,
      ask: (containers) => this.#watch.ask(containers),
      forget: (containers) => this.#watch.forget(containers),
      warn: (text) => log('warning', text),
    });
    this.hooks = this.#follower.hooks;
  }

  start(state: StateEngine): void {
    this.#state = state;
    this.#follower.follow({ state });
  }

  /** Takes into the tables what tells of threads and containers; where all events are, `settle` is enough. */
  follow(view: EventView): void {
    const { code } = view;
    if (code >= EVENT_CODE_COUNT || isFollowed[code] === 0) return;
    this.#state?.apply(view);
    this.settle();
  }

  /** After an event that the tables took in. HOT. */
  settle(): void {
    if (this.#follower.hasNews) this.#follower.catchUp();
  }

  /** After some events. */
  afterTurn(): void {
    this.#follower.afterTurn();
    this.#follower.care();
  }

  close(): void {
    this.#watch.close();
  }
}
