/** What is done about lost events, as `syscall_event_drops` says: looked at once a second, held back by a bucket. */

import type { Config } from '../config/config.ts';
import { dropFamilies, dropFamilyOf } from './drop-families.ts';

/** Since the start. */
export interface DropCounts {
  /** Events that the kernel tried to hand over, lost ones included. */
  readonly recordCount: number;
  /** Lost since a buffer was full, or since the event's cgroup had its share of it, by event code. */
  readonly droppedByCode: ReadonlyMap<number, number>;
  readonly limitedByCode: ReadonlyMap<number, number>;
  /** Of the dropped ones, those for which there was no room to build them. */
  readonly busyCount: number;
}

export interface DropFindings {
  /** What the configuration wants done now. */
  readonly actions: readonly ('log' | 'alert' | 'exit')[];
  readonly lostSinceLast: number;
  /** Fields of the internal alert, all text. */
  readonly fields: Readonly<Record<string, string>>;
}

export class DropWatch {
  /** A change keeps what was counted. */
  settings: Config['syscall_event_drops'];
  #last: DropCounts = { recordCount: 0, droppedByCode: new Map(), limitedByCode: new Map(), busyCount: 0 };
  #tokens: number;
  #lastMs: number | undefined;

  constructor(settings: Config['syscall_event_drops']) {
    this.settings = settings;
    this.#tokens = settings.max_burst;
  }

  /** `undefined` when nothing is to be done. Call it about once a second. */
  look(nowMs: number, counts: DropCounts): DropFindings | undefined {
    const { threshold, simulate_drops: isSimulated, rate, max_burst: burst } = this.settings;
    const last = this.#last;
    this.#last = counts;
    this.#tokens = Math.min(burst, this.#tokens + (rate * (nowMs - (this.#lastMs ?? nowMs))) / 1000);
    this.#lastMs = nowMs;

    const lostByFamily = new Map<string, number>();
    addLosses(lostByFamily, counts.droppedByCode, last.droppedByCode);
    addLosses(lostByFamily, counts.limitedByCode, last.limitedByCode);
    const lost = sum(lostByFamily.values()) + (isSimulated ? 1 : 0);
    const events = counts.recordCount - last.recordCount;
    const actions = this.settings.actions.filter((action) => action !== 'ignore');
    const isTooMuch = lost > 0 && (events === 0 || lost / events > (isSimulated ? 0 : threshold));
    if (!isTooMuch || actions.length === 0 || this.#tokens < 1) return undefined;
    this.#tokens -= 1;
    const fields = fieldsOf({ events, lost, busy: counts.busyCount - last.busyCount, lostByFamily });
    return { actions, lostSinceLast: lost, fields };
  }
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

function addLosses(
  sums: Map<string, number>,
  now: ReadonlyMap<number, number>,
  before: ReadonlyMap<number, number>,
): void {
  if (now === before) return;
  for (const [code, count] of now) {
    const family = dropFamilyOf(code);
    sums.set(family, (sums.get(family) ?? 0) + count - (before.get(code) ?? 0));
  }
}

function fieldsOf(counts: {
  readonly events: number;
  readonly lost: number;
  readonly busy: number;
  readonly lostByFamily: ReadonlyMap<string, number>;
}): Record<string, string> {
  const { events, lost, busy, lostByFamily } = counts;
  const byFamily = dropFamilies.map((family): [string, string] => [
    `n_drops_buffer_${family}_exit`,
    String(lostByFamily.get(family) ?? 0),
  ]);
  return {
    ebpf_enabled: '1',
    n_drops: String(lost),
    ...Object.fromEntries(byFamily),
    n_drops_buffer_total: String(sum(lostByFamily.values()) - busy),
    n_drops_bug: '0',
    n_drops_page_faults: '0',
    n_drops_scratch_map: String(busy),
    n_evts: String(events),
  };
}
