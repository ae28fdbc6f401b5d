/** Containers by id, and which container a list of cgroups means. HOT: `match` of known cgroups is a map lookup. */

import { HOST, matchContainer } from './containers/match.ts';
import type { StateCounters } from './counters.ts';
import type { StateLimits } from './options.ts';
import type { Container } from './tables.ts';
import type { Thread } from './thread.ts';

export class ContainerTable {
  readonly #limits: StateLimits;
  readonly #counters: StateCounters;
  readonly #containers = new Map<string, Container>();
  /** Container id by whole cgroup list, as threads carry it. */
  readonly #idByCgroups = new Map<string, string>();

  constructor(limits: StateLimits, counters: StateCounters) {
    this.#limits = limits;
    this.#counters = counters;
  }

  get size(): number {
    return this.#containers.size;
  }

  clear(): void {
    this.#containers.clear();
    this.#idByCgroups.clear();
  }

  container(id: string): Container | undefined {
    return this.#containers.get(id);
  }

  /** Id of the thread's container, `host` for none. A container met for the first time is entered, without metadata. */
  match(thread: Thread): string {
    const { cgroups } = thread;
    const known = this.#idByCgroups.get(cgroups);
    if (known !== undefined) {
      if (known !== HOST && !this.#containers.has(known)) this.#meet(thread, known);
      return known;
    }
    const found = matchContainer(cgroups);
    const id = found?.id ?? HOST;
    if (this.#idByCgroups.size >= this.#limits.cgroups) this.#idByCgroups.clear();
    this.#idByCgroups.set(cgroups, id);
    if (found !== undefined && !this.#containers.has(id))
      this.set({ ...found, startNs: thread.pidnsInitStartNs, metadata: undefined });
    return id;
  }

  #meet(thread: Thread, id: string): void {
    const found = matchContainer(thread.cgroups);
    if (found !== undefined && found.id === id)
      this.set({ ...found, startNs: thread.pidnsInitStartNs, metadata: undefined });
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
