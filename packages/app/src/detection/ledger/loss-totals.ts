/** Losses since the start, for metrics: by cgroup, by rule, and for how long anybody was not seen. */

import type { BlindSpell, Loss } from './coverage-ledger.ts';
import { OTHER_CGROUPS } from './coverage-ledger.ts';

export interface CgroupLosses {
  readonly dropped: number;
  readonly limited: number;
}

const MOST_CGROUPS = 4_096;

export class LossTotals {
  readonly #byCgroup = new Map<bigint, { dropped: number; limited: number }>();
  spellCount = 0;
  blindMs = 0;

  /** Beyond a ceiling, the cgroup that lost something longest ago is put to the others. */
  add(losses: readonly Loss[]): void {
    for (const { cgroup, dropped, limited } of losses) {
      const sums = this.#byCgroup.get(cgroup) ?? { dropped: 0, limited: 0 };
      sums.dropped += dropped;
      sums.limited += limited;
      this.#byCgroup.delete(cgroup);
      this.#byCgroup.set(cgroup, sums);
    }
    for (const [cgroup, sums] of this.#byCgroup) {
      if (this.#byCgroup.size <= MOST_CGROUPS) break;
      if (cgroup === OTHER_CGROUPS) continue;
      const others = this.#byCgroup.get(OTHER_CGROUPS) ?? { dropped: 0, limited: 0 };
      others.dropped += sums.dropped;
      others.limited += sums.limited;
      this.#byCgroup.set(OTHER_CGROUPS, others);
      this.#byCgroup.delete(cgroup);
    }
  }

  close({ fromMs, toMs }: BlindSpell): void {
    this.spellCount++;
    this.blindMs += toMs - fromMs;
  }

  /** Those that lost most first. */
  worst(count: number): readonly (readonly [bigint, CgroupLosses])[] {
    return [...this.#byCgroup]
      .sort(([, a], [, b]) => b.dropped + b.limited - a.dropped - a.limited)
      .slice(0, count);
  }
}
