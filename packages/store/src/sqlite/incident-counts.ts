/**
 * How many incidents there are of each urgency, state and assignee, so that what the first page asks needs no look at
 * millions of rows. Counted once when somebody asks; from then on, each change is followed.
 */

import type { IncidentFilter } from '../alert-store.ts';
import { fitsGroup, type IncidentGroup } from './incident-filter.ts';

export interface UrgencyCount {
  readonly count: number;
  readonly unassignedCount: number;
}

export interface CountedGroup extends IncidentGroup {
  readonly count: number;
}

export class IncidentCounts {
  readonly #groups = new Map<string, { readonly group: IncidentGroup; count: number }>();
  /** What the present transaction changed. */
  #changes: CountedGroup[] = [];
  #isCounted = false;

  /** `count`: counts all, for the first time. */
  matching(filter: IncidentFilter, count: () => Iterable<CountedGroup>): Map<number, UrgencyCount> {
    if (!this.#isCounted) {
      for (const { count: step, ...group } of count()) this.#add(group, step);
      this.#isCounted = true;
    }
    const found = new Map<number, UrgencyCount>();
    for (const { group, count: more } of this.#groups.values()) {
      if (more === 0 || !fitsGroup(filter, group)) continue;
      const { count, unassignedCount } = found.get(group.urgency) ?? { count: 0, unassignedCount: 0 };
      found.set(group.urgency, {
        count: count + more,
        unassignedCount: unassignedCount + (group.assignee === undefined ? more : 0),
      });
    }
    return found;
  }

  /** One more of these (1), or one less (-1). */
  add({ urgency, state, assignee }: IncidentGroup, step: 1 | -1): void {
    if (!this.#isCounted) return;
    const group = { urgency, state, assignee };
    this.#add(group, step);
    this.#changes.push({ ...group, count: step });
  }

  #add(group: IncidentGroup, step: number): void {
    const key = `${group.urgency} ${group.state} ${group.assignee ?? ''}`;
    const known = this.#groups.get(key);
    if (known === undefined) this.#groups.set(key, { group, count: step });
    else known.count += step;
  }

  /** After a transaction that came to its end. */
  settle(): void {
    this.#changes = [];
  }

  /** After one that did not. */
  undo(): void {
    for (const { count, ...group } of this.#changes) this.#add(group, -count);
    this.#changes = [];
  }
}
