/** Containers by id, and which container a list of cgroups means. HOT: `match` of known cgroups is a map lookup. */

import type { ContainerMatch } from './containers/family.ts';
import { HOST, matchContainer } from './containers/match.ts';
import type { StateCounters } from './counters.ts';
import type { StateLimits } from './options.ts';
import type { Container } from './tables.ts';
import type { Thread } from './thread.ts';

/** Stands for no container. */
const ON_HOST: ContainerMatch = { id: HOST, fullId: HOST, type: HOST };

export class ContainerTable {
  readonly #limits: StateLimits;
  readonly #counters: StateCounters;
  readonly #containers = new Map<string, Container>();
  /** What whole cgroup lists mean, as threads carry them. Holds whatever the table knows, so a reset keeps it. */
  readonly #matchByCgroups = new Map<string, ContainerMatch>();

  readonly #onNew: ((container: Container) => void) | undefined;

  constructor(limits: StateLimits, counters: StateCounters, onNew?: (container: Container) => void) {
    this.#limits = limits;
    this.#counters = counters;
    this.#onNew = onNew;
  }

  get size(): number {
    return this.#containers.size;
  }

  clear(): void {
    this.#containers.clear();
  }

  container(id: string): Container | undefined {
    return this.#containers.get(id);
  }

  all(): Iterable<Container> {
    return this.#containers.values();
  }

  /** Id of the thread's container, `host` for none. A container met for the first time is entered, without metadata. */
  match(thread: Thread): string {
    const found = this.#matchByCgroups.get(thread.cgroups) ?? this.#matchNew(thread.cgroups);
    if (found !== ON_HOST && !this.#containers.has(found.id)) this.#enter(found, thread);
    return found.id;
  }

  #enter(found: ContainerMatch, thread: Thread): void {
    const container = { ...found, startNs: thread.pidnsInitStartNs, metadata: undefined };
    if (this.set(container)) this.#onNew?.(container);
  }

  #matchNew(cgroups: string): ContainerMatch {
    const found = matchContainer(cgroups) ?? ON_HOST;
    if (this.#matchByCgroups.size >= this.#limits.cgroups) this.#matchByCgroups.clear();
    this.#matchByCgroups.set(cgroups, found);
    return found;
  }

  /** Enters a container, or what is newly known of it. False when the table is full. */
  set(container: Container): boolean {
    if (this.#containers.size >= this.#limits.containers && !this.#containers.has(container.id)) {
      this.#counters.n_drops_full_containertable++;
      return false;
    }
    this.#containers.set(container.id, container);
    return true;
  }

  remove(id: string): void {
    this.#containers.delete(id);
  }
}
