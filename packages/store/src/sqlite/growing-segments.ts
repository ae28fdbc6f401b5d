/** Segments in memory: the one that alerts are added to, and those that are full and not yet in the database. */

import type { HubAlert } from '@peregrine/alert';
import { SegmentBuilder, type SegmentLoad } from '../segments/segment-builder.ts';

/** Alerts that go into the same segment. */
export interface Run {
  readonly isNew: boolean;
  readonly alerts: readonly HubAlert[];
}

/** What an alert does not say itself. */
export interface AlertPlacing {
  readonly incidentId: string;
  readonly mark: string | undefined;
}

const ALERTS_BETWEEN_TURNS = 64;

export class GrowingSegments {
  readonly #segmentRows: number;
  readonly #full: SegmentBuilder[] = [];
  #growing: SegmentBuilder | undefined;
  #nextId: number;
  /** Of the next alert. */
  nextSeq: number;

  /** After the last segment in the database. */
  constructor(segmentRows: number, nextId: number, nextSeq: number) {
    this.#segmentRows = segmentRows;
    this.#nextId = nextId;
    this.nextSeq = nextSeq;
  }

  /** Oldest first. */
  get full(): readonly SegmentBuilder[] {
    return this.#full;
  }

  /** In order. */
  get all(): readonly SegmentBuilder[] {
    return this.#growing === undefined ? this.#full : [...this.#full, this.#growing];
  }

  /** How these alerts would be divided, before anything is done. */
  plan(alerts: readonly HubAlert[]): readonly Run[] {
    const runs: { isNew: boolean; alerts: HubAlert[] }[] = [];
    let load: SegmentLoad | undefined = this.#growing;
    const room = this.#growing ?? new SegmentBuilder(0, 0, 0n, this.#segmentRows);
    for (const alert of alerts) {
      const { timeNs } = alert;
      const size = alert.json.length;
      const grown: SegmentLoad | undefined = load && {
        rowCount: load.rowCount + 1,
        sizeBytes: load.sizeBytes + size,
        minNs: timeNs < load.minNs ? timeNs : load.minNs,
        // biome-ignore lint/complexity/useMathMinMax: there is none for bigint.
        maxNs: timeNs > load.maxNs ? timeNs : load.maxNs,
      };
      const isNew = grown === undefined || !room.hasRoomFor(grown);
      load = isNew ? { rowCount: 1, sizeBytes: size, minNs: timeNs, maxNs: timeNs } : grown;
      if (isNew || runs.length === 0) runs.push({ isNew, alerts: [] });
      runs.at(-1)?.alerts.push(alert);
    }
    return runs;
  }

  /** As planned. `placings`: one for each alert of all runs, in order. `turn`: others get theirs in between. */
  async add(
    runs: readonly Run[],
    placings: readonly AlertPlacing[],
    turn: () => Promise<void>,
  ): Promise<void> {
    let i = 0;
    for (const { isNew, alerts } of runs) {
      const [first] = alerts;
      if (isNew && first !== undefined) this.#begin(first);
      for (const alert of alerts) {
        this.#add(alert, placings[i++]);
        if (i % ALERTS_BETWEEN_TURNS === 0) await turn();
      }
    }
  }

  /** The same at once. */
  addAtOnce(runs: readonly Run[], placings: readonly AlertPlacing[]): void {
    let i = 0;
    for (const { isNew, alerts } of runs) {
      const [first] = alerts;
      if (isNew && first !== undefined) this.#begin(first);
      for (const alert of alerts) this.#add(alert, placings[i++]);
    }
  }

  #add(alert: HubAlert, placing: AlertPlacing | undefined): void {
    if (this.#growing === undefined) throw new Error('no segment was begun');
    this.#growing.add(alert, placing?.incidentId ?? '', placing?.mark);
    this.nextSeq++;
  }

  /** Alerts that were to come before that one do not: what comes now is a segment of its own. */
  skipTo(seq: number): void {
    if (seq <= this.nextSeq) return;
    if (this.#growing !== undefined) this.#full.push(this.#growing);
    this.#growing = undefined;
    this.nextSeq = seq;
  }

  #begin({ timeNs }: HubAlert): void {
    if (this.#growing !== undefined) this.#full.push(this.#growing);
    this.#growing = new SegmentBuilder(this.#nextId++, this.nextSeq, timeNs, this.#segmentRows);
  }

  /** The oldest full one is in the database. */
  shift(): void {
    this.#full.shift();
  }
}
