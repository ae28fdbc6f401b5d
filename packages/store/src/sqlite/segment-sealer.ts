/**
 * Writes full segments, and with each what became of the incidents of its alerts. All of it is made in parts, with turns for
 * others in between, before the transaction begins.
 */

import type { Segment } from '../segments/segment.ts';
import type { BlockStore } from './block-store.ts';
import { isDamage } from './damage.ts';
import type { GrowingSegments } from './growing-segments.ts';
import type { IncidentBook } from './incident-book.ts';
import { reasonOf } from './open-database.ts';
import { encodeSegment, type SegmentTables, type StoredSegment } from './stored-segment.ts';
import { nextTurn } from './turns.ts';

const MOST_INCIDENTS_AT_ONCE = 500;

export interface SealPort {
  readonly growing: GrowingSegments;
  readonly tables: SegmentTables;
  readonly blocks: BlockStore;
  readonly incidents: IncidentBook;
  /** All of the work is done, or nothing; throws what it throws. */
  readonly inTransaction: (work: () => void) => void;
  /** It is on the disk now. */
  readonly onStored: (segment: StoredSegment) => void;
  /** Told what is wrong. */
  readonly onTrouble: (what: string) => void;
  /** Told that some alerts are damaged. */
  readonly onDamage: (reason: string) => void;
}

export class SegmentSealer {
  readonly #port: SealPort;
  #last: Promise<void> = Promise.resolve();

  constructor(port: SealPort) {
    this.#port = port;
  }

  /** Begins with the oldest full segment when those before it are done. */
  begin(): void {
    this.#last = this.#last.then(() => this.#seal());
  }

  /** Resolves when no full segment waits, or cannot be written now. */
  get done(): Promise<void> {
    return this.#last;
  }

  async #seal(): Promise<void> {
    const { growing, tables, incidents, inTransaction, onStored, onTrouble } = this.#port;
    const [segment] = growing.full;
    if (segment === undefined) return;
    try {
      const parts = await encodeSegment(segment, nextTurn);
      const { id, firstSeq, rowCount } = segment;
      const changed = await incidents.encodeChanged(id, nextTurn);
      let stored: StoredSegment | undefined;
      try {
        inTransaction(() => {
          if (this.#port.blocks.blockCount(firstSeq, firstSeq + rowCount) > rowCount / 16)
            this.#compact(segment);
          stored = tables.insert(segment, parts);
          // With the segment, without which its alerts would be counted again.
          incidents.writeLog(id, changed.blobs);
        });
      } finally {
        changed.done(stored !== undefined);
      }
      growing.shift();
      if (stored !== undefined) onStored(stored);
      await this.#writeCold();
    } catch (error) {
      // It stays in memory, and is tried again with the next full one.
      onTrouble(`alerts cannot be arranged on disk now: ${reasonOf(error)}`);
    }
  }

  /** Incidents that nothing changed for long, some at a time. */
  async #writeCold(): Promise<void> {
    const { incidents: book, inTransaction } = this.#port;
    const cold = book.cold();
    if (cold === undefined) return;
    const { incidents } = cold;
    for (let at = 0; at < incidents.length; at += MOST_INCIDENTS_AT_ONCE) {
      inTransaction(() => book.writeCold(incidents.slice(at, at + MOST_INCIDENTS_AT_ONCE)));
      await nextTurn();
    }
    inTransaction(() => book.removeLog(cold));
  }

  /** Blocks that are small; what is damaged stays as it is. To be called in a transaction. */
  #compact({ firstSeq, rowCount }: Segment): void {
    try {
      this.#port.blocks.compact(firstSeq, rowCount);
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.#port.onDamage(reasonOf(error));
    }
  }
}
