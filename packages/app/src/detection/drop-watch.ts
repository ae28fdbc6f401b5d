/** What is done about lost events, as `syscall_event_drops` says: looked at once a second, held back by a bucket. */

import { eventRoster } from '@peregrine/events';
import type { Config } from '../config/config.ts';

export interface DropCounts {
  /** Events handled, and events lost, since the start. */
  readonly events: number;
  readonly lost: number;
  /** Lost in the kernel's buffers, by event code; since the start. */
  readonly lostByCode: ReadonlyMap<number, number>;
}

export interface DropFindings {
  /** What the configuration wants done now. */
  readonly actions: readonly ('log' | 'alert' | 'exit')[];
  readonly lostSinceLast: number;
  /** Fields of the internal alert, all text. */
  readonly fields: Readonly<Record<string, string>>;
}

const families: Readonly<Record<string, readonly string[]>> = {
  clone_fork: ['clone', 'clone3', 'fork', 'vfork'],
  execve: ['execve', 'execveat'],
  connect: ['connect'],
  open: ['open', 'openat', 'openat2', 'creat', 'open_by_handle_at'],
  dir_file: [
    ...[
      'mkdir',
      'mkdirat',
      'rmdir',
      'unlink',
      'unlinkat',
      'rename',
      'renameat',
      'renameat2',
      'link',
      'linkat',
    ],
    ...['symlink', 'symlinkat', 'chmod', 'fchmod', 'fchmodat', 'chown', 'fchown', 'lchown', 'fchownat'],
    ...['chdir', 'fchdir', 'chroot', 'mknod', 'mknodat'],
  ],
  close: ['close', 'close_range'],
  proc: ['procexit'],
};
const OTHER = 'other_interest';

export class DropWatch {
  readonly #settings: Config['syscall_event_drops'];
  #last: DropCounts = { events: 0, lost: 0, lostByCode: new Map() };
  #tokens: number;
  #lastMs: number | undefined;

  constructor(settings: Config['syscall_event_drops']) {
    this.#settings = settings;
    this.#tokens = settings.max_burst;
  }

  /** `undefined` when nothing is to be done. Call it about once a second. */
  look(nowMs: number, counts: DropCounts): DropFindings | undefined {
    const { threshold, simulate_drops: isSimulated, rate, max_burst: burst } = this.#settings;
    const events = counts.events - this.#last.events;
    const lost = counts.lost - this.#last.lost + (isSimulated ? 1 : 0);
    const lostByCode = new Map(
      [...counts.lostByCode].map(([code, count]) => [code, count - (this.#last.lostByCode.get(code) ?? 0)]),
    );
    this.#last = counts;
    this.#tokens = Math.min(burst, this.#tokens + (rate * (nowMs - (this.#lastMs ?? nowMs))) / 1000);
    this.#lastMs = nowMs;

    const actions = this.#settings.actions.filter((action) => action !== 'ignore');
    const isTooMuch = lost > 0 && (events === 0 || lost / events > (isSimulated ? 0 : threshold));
    if (!isTooMuch || actions.length === 0 || this.#tokens < 1) return undefined;
    this.#tokens -= 1;
    return { actions, lostSinceLast: lost, fields: fieldsOf(events, lost, lostByCode) };
  }
}

function fieldsOf(
  events: number,
  lost: number,
  lostByCode: ReadonlyMap<number, number>,
): Record<string, string> {
  const sums = new Map<string, number>();
  for (const [code, count] of lostByCode) {
    const name = eventRoster[code]?.name ?? '';
    const family = Object.entries(families).find(([, names]) => names.includes(name))?.[0] ?? OTHER;
    sums.set(family, (sums.get(family) ?? 0) + count);
  }
  const inBuffers = [...sums.values()].reduce((sum, count) => sum + count, 0);
  return {
    ebpf_enabled: '1',
    n_drops: String(lost),
    ...Object.fromEntries(
      [...Object.keys(families), OTHER].map((family) => [
        `n_drops_buffer_${family}_exit`,
        String(sums.get(family) ?? 0),
      ]),
    ),
    n_drops_buffer_total: String(inBuffers),
    n_drops_bug: '0',
    n_drops_page_faults: '0',
    n_drops_scratch_map: String(Math.max(0, lost - inBuffers)),
    n_evts: String(events),
  };
}
