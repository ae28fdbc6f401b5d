/** Alerts that no segment has when a store is opened: read again from their blocks, and counted where they were not yet. */

import { decodeAlert } from '@peregrine/alert';
import type { Segment } from '../segments/segment.ts';
import { DamagedBlob } from './blob.ts';
import { type BlockStore, MOST_PER_BLOCK } from './block-store.ts';
import { GrowingSegments } from './growing-segments.ts';
import type { IncidentBook } from './incident-book.ts';

export interface GrowingSource {
  readonly segmentRows: number;
  /** The last segment on disk. */
  readonly last: Segment | undefined;
  /** Each block has alerts of one segment only. */
  readonly blocks: BlockStore;
  readonly incidents: IncidentBook;
  /** Told what is left out. */
  readonly onDamage: (reason: string) => void;
}

/** Throws a `DamagedBlob` for blocks that hold no alerts. */
export function readGrowing({
  segmentRows,
  last,
  blocks,
  incidents,
  onDamage,
}: GrowingSource): GrowingSegments {
  const nextSeq = last === undefined ? 1 : last.firstSeq + last.rowCount;
  const lastId = Math.max(last?.id ?? 0, incidents.lastLoggedSegment);
  const growing = new GrowingSegments(segmentRows, lastId + 1, nextSeq);
  let endSeq = nextSeq;
  const leaveOut = (firstSeq: number, count: number, error: DamagedBlob): void => {
    endSeq = firstSeq + Math.min(Math.max(1, count), MOST_PER_BLOCK);
    onDamage(error.message);
  };
  for (const { firstSeq, bodies } of blocks.range(nextSeq, Number.MAX_SAFE_INTEGER, leaveOut)) {
    growing.skipTo(firstSeq);
    const alerts = bodies.map(({ json }) => {
      const alert = decodeAlert(json);
      if (alert === undefined) throw new DamagedBlob('a block holds something else');
      return alert;
    });
    growing.addAtOnce(growing.plan(alerts), bodies);
    for (const [i, alert] of alerts.entries())
      incidents.restore(alert, firstSeq + i, bodies[i]?.incidentId ?? '');
    incidents.settle();
  }
  growing.skipTo(endSeq);
  return growing;
}
