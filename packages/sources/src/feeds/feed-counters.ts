/** What a feed counts: plain numbers that a scrape reads. */

/** Why something that came in is no event, or not one that is taken. */
export type RejectReason = 'not_json' | 'not_an_event' | 'no_time' | 'too_large' | 'too_deep' | 'cut_off';

/** Why a request got no room at all. */
export type RefuseReason =
  | 'not_found'
  | 'method'
  | 'content_type'
  | 'unauthorized'
  | 'too_large'
  | 'queue_full'
  | 'slow'
  | 'aborted'
  | 'not_in_time'
  | 'bad_body'
  | 'no_http'
  | 'no_tls'
  | 'crowded';

export class FeedCounters {
  /** Events handed on. */
  events = 0;
  bytes = 0;
  readonly rejected = new Map<RejectReason, number>();
  readonly refused = new Map<RefuseReason, number>();
  /** What came in and is not acknowledged yet. */
  waitingEvents = 0;
  waitingBytes = 0;
  /** Arrival less the event's own time, of the latest event, milliseconds. */
  lagMs = 0;
  /** Events that still wait where they are kept, as far as that is told. */
  backlog = 0;
  /** Failed tries to reach what gives the events, since the start. */
  failures = 0;
  /** When the latest event came in, milliseconds since the epoch; 0 before the first. */
  latestMs = 0;

  reject(reason: RejectReason, count = 1): void {
    this.rejected.set(reason, (this.rejected.get(reason) ?? 0) + count);
  }

  refuse(reason: RefuseReason): void {
    this.refused.set(reason, (this.refused.get(reason) ?? 0) + 1);
  }

  /** `timeNs`: of the latest event. */
  took(count: number, bytes: number, timeNs: bigint, nowMs: number): void {
    this.events += count;
    this.bytes += bytes;
    this.latestMs = nowMs;
    this.lagMs = Math.max(0, nowMs - Number(timeNs / 1_000_000n));
  }
}
