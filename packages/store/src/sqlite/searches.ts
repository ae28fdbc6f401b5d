/** Questions about some of the segments, for one thread: what it gives is a part of the answer. */

import { decodeAlert } from '@peregrine/alert';
import type { AlertFilter, PageRequest } from '../alert-store.ts';
import { type Place, placeFrom } from '../places.ts';
import { valueAt } from '../segments/column.ts';
import { type FilterPlan, planFilter } from '../segments/filter-plan.ts';
import { type FoundRows, rowsMatching, type TriageLookup } from '../segments/match-rows.ts';
import { type Segment, uuidHead } from '../segments/segment.ts';
import { isDamage } from './damage.ts';
import type { KeptRow } from './kept-row.ts';
import type { SharedQuestion } from './messages.ts';
import { reasonOf } from './open-database.ts';
import { countByValue, countRows, findPlaces, type SearchPort, timelineOf } from './search.ts';

export interface SearchesOptions {
  readonly triage: TriageLookup;
  readonly found: FoundRows | undefined;
  /** `undefined`: it is not there, or no longer, or damaged. */
  readonly row: (seq: number) => KeptRow | undefined;
  /** Called once for each segment that cannot be read, before it is left out. */
  readonly onDamage: (segment: Segment, reason: string) => void;
}

/** Which alerts of those that fit the filter. */
export interface Scope {
  readonly segments: readonly Segment[];
  /** What is older is as good as removed. */
  readonly floorNs: bigint | undefined;
  /** Lets others have their turn; throws when nobody waits for the answer any more. */
  readonly turn: () => Promise<void>;
}

export class Searches {
  readonly #options: SearchesOptions;
  readonly #damaged = new Set<number>();

  constructor(options: SearchesOptions) {
    this.#options = options;
  }

  /** For its share of the alerts. */
  async answer(question: SharedQuestion, scope: Scope): Promise<unknown> {
    switch (question.kind) {
      case 'places':
        return this.#places(question.filter, question.page, scope);
      case 'count':
        return countRows(this.#port(scope), planWithin(question.filter, scope));
      case 'countBy':
        return countByValue(this.#port(scope), planWithin(question.filter, scope), question.by);
      case 'timeline':
        return timelineOf(this.#port(scope), planWithin(question.filter, scope), question.request);
      case 'withUuid':
        return this.#withUuid(question.uuid, scope);
    }
  }

  /** The first ones in the order that is asked for, and one more than the page and what comes before it. */
  #places(filter: AlertFilter, page: PageRequest, scope: Scope): Promise<readonly Place[]> {
    const { limit, cursor, offset = 0, isOldestFirst = false } = page;
    const after = cursor === undefined ? undefined : placeFrom(cursor);
    const request = { limit: offset + limit + 1, after, isOldestFirst };
    return findPlaces(this.#port(scope), planWithin(filter, scope), request);
  }

  /** Incidents of the alerts that fit. */
  async incidentsOf(filter: AlertFilter, scope: Scope): Promise<ReadonlySet<string>> {
    const plan = planWithin(filter, scope);
    const port = this.#port(scope);
    const ids = new Set<string>();
    for (const segment of port.segments) {
      port.guard(segment, () => {
        const column = segment.column('incident');
        const codes = new Set<number>();
        rowsMatching(segment, plan, port).forEach((row) => {
          codes.add(column?.codes[row] ?? 0);
        });
        for (const code of codes) if (column !== undefined) ids.add(String(valueAt(column, code) ?? ''));
      });
      await scope.turn();
    }
    return ids;
  }

  async #withUuid(uuid: string, scope: Scope): Promise<KeptRow | undefined> {
    const head = uuidHead(uuid);
    for (const segment of this.#port(scope).segments.toReversed()) {
      const found = this.guard(segment, () => {
        const heads = segment.uuidHeads;
        for (
          let row = heads.indexOf(head);
          row >= 0 && row < segment.rowCount;
          row = heads.indexOf(head, row + 1)
        ) {
          const kept = this.#options.row(segment.firstSeq + row);
          if (kept !== undefined && decodeAlert(kept.json)?.uuid === uuid.toLowerCase()) return kept;
        }
        return undefined;
      });
      if (found !== undefined) return found;
      await scope.turn();
    }
    return undefined;
  }

  isDamaged(segment: number): boolean {
    return this.#damaged.has(segment);
  }

  /** Gives nothing for a segment that is damaged. */
  guard<T>(segment: Segment, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.leaveOut(segment, reasonOf(error));
      return undefined;
    }
  }

  leaveOut(segment: Segment, reason: string): void {
    if (this.#damaged.has(segment.id)) return;
    this.#damaged.add(segment.id);
    this.#options.onDamage(segment, reason);
  }

  #port({ segments, turn }: Scope): SearchPort {
    const { triage, found } = this.#options;
    return {
      segments: segments.filter(({ id }) => !this.#damaged.has(id)),
      triage,
      found,
      turn,
      guard: (segment, read) => this.guard(segment, read),
    };
  }
}

function planWithin(filter: AlertFilter, { floorNs }: Scope): FilterPlan {
  const plan = planFilter(filter);
  if (floorNs === undefined || (plan.fromNs !== undefined && plan.fromNs >= floorNs)) return plan;
  return { ...plan, fromNs: floorNs };
}
