/**
 * Whether every loss was put down to a cgroup. The probe counts losses twice: by event code, exactly, and by cgroup in a
 * table that can overflow; what is in the first count alone belongs to nobody known.
 */

import { type Loss, OTHER_CGROUPS } from './coverage-ledger.ts';

export class Attribution {
  readonly #attributed = new Map<number, number>();
  /** What was missing at the latest check. The two counts are not read at one time: only what stays missing is. */
  #missing = new Map<number, number>();

  /** `total`: losses since the start, by code. Gives the new losses of nobody known. */
  check(losses: readonly Loss[], totals: readonly ReadonlyMap<number, number>[]): readonly Loss[] {
    for (const { code, dropped, limited } of losses) this.#add(code, dropped + limited);
    const sums = new Map<number, number>();
    for (const total of totals)
      for (const [code, count] of total) sums.set(code, (sums.get(code) ?? 0) + count);
    const missing = new Map<number, number>();
    const found: Loss[] = [];
    for (const [code, count] of sums) {
      const now = count - (this.#attributed.get(code) ?? 0);
      if (now <= 0) continue;
      const certain = Math.min(now, this.#missing.get(code) ?? 0);
      if (certain > 0) {
        this.#add(code, certain);
        found.push({ cgroup: OTHER_CGROUPS, code, dropped: certain, limited: 0 });
      }
      missing.set(code, now - certain);
    }
    this.#missing = missing;
    return found;
  }

  #add(code: number, count: number): void {
    this.#attributed.set(code, (this.#attributed.get(code) ?? 0) + count);
  }
}
