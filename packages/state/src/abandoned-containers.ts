/** Finds containers that ended without a word. Live only; walks all threads, so it is done rarely. */

import type { Container } from './tables.ts';
import type { World } from './world.ts';

export class AbandonedContainers {
  readonly #world: World;
  /** Found empty the last time: a container may be known before its first thread is. */
  #suspects: ReadonlySet<string> = new Set();

  constructor(world: World) {
    this.#world = world;
  }

  /** Whether a thread is in the container. */
  isInhabited(id: string): boolean {
    for (const thread of this.#world.threads.values()) if (thread.containerId === id) return true;
    return false;
  }

  /** Containers that are empty now and were the last time. */
  look(): readonly Container[] {
    const { containers, threads } = this.#world;
    const inUse = new Set<string>();
    for (const thread of threads.values()) inUse.add(thread.containerId);
    const empty = [...containers.all()].filter(({ id }) => !inUse.has(id));
    const abandoned = empty.filter(({ id }) => this.#suspects.has(id));
    this.#suspects = new Set(empty.map(({ id }) => id));
    return abandoned;
  }
}
