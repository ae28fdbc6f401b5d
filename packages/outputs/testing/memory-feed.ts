/** A feed of alerts in memory, as far as an output needs one. */

import { encodeStored, type HubAlert } from '@peregrine/alert';
import type { AlertFeed, FeedRecord } from '../src/delivery/feed.ts';

export class MemoryFeed implements AlertFeed {
  #records: FeedRecord[] = [];
  #at = 0;
  #wake = (): void => {};
  committed = 1;
  clockMs = 0;

  get hasMore(): boolean {
    return this.#at < this.#records.length;
  }

  get lagCount(): number {
    return this.#records.length - (this.committed - 1);
  }

  push(alert: HubAlert, to?: readonly string[]): void {
    this.pushBytes(encodeStored(alert, { to }));
  }

  pushBytes(payload: Uint8Array): void {
    this.#records.push({ seq: this.#records.length + 1, clockMs: this.clockMs, payload });
    this.#wake();
  }

  async read(
    { mostRecords, mostBytes }: { readonly mostRecords: number; readonly mostBytes: number },
    signal: AbortSignal,
  ): Promise<readonly FeedRecord[]> {
    while (!this.hasMore) {
      if (signal.aborted) return [];
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    const records: FeedRecord[] = [];
    let sizeBytes = 0;
    for (const record of this.#records.slice(this.#at, this.#at + mostRecords)) {
      sizeBytes += record.payload.length;
      if (records.length > 0 && sizeBytes > mostBytes) break;
      records.push(record);
    }
    this.#at += records.length;
    return records;
  }

  commit(seq: number): void {
    this.committed = seq;
  }
}
