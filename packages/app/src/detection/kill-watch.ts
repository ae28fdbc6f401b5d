/** Tells of processes that the kernel ended for rules, or would have: each by an alert and a line in the log. */

import type { Alert } from '@peregrine/alert';
import { createInternalAlert } from '@peregrine/outputs';
import type { Kill, TakenKills } from '@peregrine/sources';
import type { LogLevel } from '../log.ts';

export interface KillCounts {
  readonly killed: number;
  readonly dryRun: number;
  readonly failed: number;
  /** The kernel's log was written over before it was read. */
  readonly missed: number;
}

export interface KillPort {
  alert(alert: Alert): void;
  log(level: LogLevel, text: string): void;
}

export class KillWatch {
  readonly #hostname: string;
  readonly #port: KillPort;
  #rules: readonly string[] = [];
  #counts = { killed: 0, dryRun: 0, failed: 0, missed: 0 };

  constructor(hostname: string, port: KillPort) {
    this.#hostname = hostname;
    this.#port = port;
  }

  /** Names of the rules that the kernel has, by its indices. What it did for earlier ones must have been taken. */
  use(rules: readonly string[]): void {
    this.#rules = rules;
  }

  take({ kills, missed }: TakenKills): void {
    for (const kill of kills) this.#tell(kill);
    if (missed === 0) return;
    this.#counts.missed += missed;
    this.#port.log('error', `the kernel's log of ${missed} responses was written over before it was read`);
  }

  counts(): KillCounts {
    return { ...this.#counts };
  }

  #tell(kill: Kill): void {
    const rule = this.#rules[kill.rule] ?? 'unknown';
    const { deed, count } = deedOf(kill);
    this.#counts[count]++;
    const text = `${deed} ${kill.pid} (${kill.comm}) for \`${rule}\` at ${kill.call}`;
    this.#port.log('warning', `kernel response: ${text}`);
    this.#port.alert(
      createInternalAlert({
        kind: 'kernel-response',
        hostname: this.#hostname,
        timeNs: kill.timeNs,
        text: `. ${text}`,
        fields: {
          'evt.type': kill.call,
          'proc.name': kill.comm,
          'proc.pid': String(kill.pid),
          'thread.tid': String(kill.tid),
          'user.uid': String(kill.uid),
          response: 'kill',
          result: kill.error ?? (kill.isDryRun ? 'dry run' : 'done'),
          rule,
        },
      }),
    );
  }
}

function deedOf({ error, isDryRun }: Kill): { readonly deed: string; readonly count: keyof KillCounts } {
  if (error !== undefined) return { deed: `could not (${error}) end process`, count: 'failed' };
  return isDryRun
    ? { deed: 'would have ended process', count: 'dryRun' }
    : { deed: 'ended process', count: 'killed' };
}
