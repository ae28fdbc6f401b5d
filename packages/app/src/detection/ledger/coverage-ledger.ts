/**
 * Who was not seen, and when: losses put together to spells, one for each cgroup, from the look before its first loss to
 * the look that found its last one. Pure: times and losses come in, spells come out.
 *
 * A spell ends when a cgroup has lost nothing for a while; one that goes on for long is told of in pieces. Past a
 * ceiling of open spells, further cgroups share one.
 */

export interface Loss {
  /** A number of the probe's for the cgroup, or `OTHER_CGROUPS`. */
  readonly cgroup: bigint;
  /** Event code. */
  readonly code: number;
  /** A buffer was full. */
  readonly dropped: number;
  /** The cgroup held more than its share of a buffer. */
  readonly limited: number;
}

export interface BlindSpell {
  readonly cgroup: bigint;
  /** All that was lost was lost between the two; milliseconds since the epoch. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly dropped: number;
  readonly limited: number;
  /** Events lost, by code. */
  readonly lostByCode: ReadonlyMap<number, number>;
  /** It goes on: another one begins where this one ends. */
  readonly isOngoing: boolean;
}

export interface LedgerSettings {
  /** Without a loss for so long, a spell is over. */
  readonly quietMs: number;
  /** After so long, a spell is told of although it goes on. */
  readonly longestMs: number;
}

/** Stands for cgroups beyond the ceiling, and for losses that nobody can be found for. */
export const OTHER_CGROUPS = 0n;
const MOST_SPELLS = 1_024;

interface OpenSpell {
  readonly fromMs: number;
  toMs: number;
  dropped: number;
  limited: number;
  readonly lostByCode: Map<number, number>;
}

export class CoverageLedger {
  settings: LedgerSettings;
  readonly #open = new Map<bigint, OpenSpell>();

  constructor(settings: LedgerSettings) {
    this.settings = settings;
  }

  /** Losses that were found at `toMs` and not yet at `fromMs`. */
  record(fromMs: number, toMs: number, losses: readonly Loss[]): void {
    for (const { cgroup, code, dropped, limited } of losses) {
      const spell = this.#spellOf(cgroup, fromMs);
      spell.toMs = toMs;
      spell.dropped += dropped;
      spell.limited += limited;
      spell.lostByCode.set(code, (spell.lostByCode.get(code) ?? 0) + dropped + limited);
    }
  }

  #spellOf(cgroup: bigint, fromMs: number): OpenSpell {
    const known = this.#open.get(cgroup);
    if (known !== undefined) return known;
    if (this.#open.size >= MOST_SPELLS && cgroup !== OTHER_CGROUPS)
      return this.#spellOf(OTHER_CGROUPS, fromMs);
    const spell: OpenSpell = { fromMs, toMs: fromMs, dropped: 0, limited: 0, lostByCode: new Map() };
    this.#open.set(cgroup, spell);
    return spell;
  }

  /** Spells that are over, and pieces of long ones. */
  take(nowMs: number): readonly BlindSpell[] {
    const { quietMs, longestMs } = this.settings;
    const found: BlindSpell[] = [];
    for (const [cgroup, spell] of this.#open) {
      const isOver = nowMs - spell.toMs >= quietMs;
      if (!isOver && nowMs - spell.fromMs < longestMs) continue;
      this.#open.delete(cgroup);
      found.push({ cgroup, ...spell, isOngoing: !isOver });
    }
    return found;
  }

  /** All spells, over or not: nothing more will be recorded, or rules change. */
  takeAll(): readonly BlindSpell[] {
    const found = [...this.#open].map(([cgroup, spell]) => ({ cgroup, ...spell, isOngoing: false }));
    this.#open.clear();
    return found;
  }

  get openCount(): number {
    return this.#open.size;
  }
}
