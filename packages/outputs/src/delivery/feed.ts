/** Where an output's alerts come from: a place in a journal, as far as the delivery needs to know. */

export interface FeedRecord {
  readonly seq: number;
  /** Clock of the feed when it was appended, milliseconds. */
  readonly clockMs: number;
  readonly payload: Uint8Array;
}

export interface AlertFeed {
  /** The next records; waits for one. Empty when the signal says so, or there will be none. */
  read(
    limits: { readonly mostRecords: number; readonly mostBytes: number },
    signal: AbortSignal,
  ): Promise<readonly FeedRecord[]>;
  /** Everything before `seq` is done with, and never needed again. */
  commit(seq: number): void;
  readonly hasMore: boolean;
  /** Records that are not done with. */
  readonly lagCount: number;
}
