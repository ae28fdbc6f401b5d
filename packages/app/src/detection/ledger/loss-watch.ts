/** What the sensor does about lost events, once a second: the actions of `syscall_event_drops`, and the ledger. */

import { Fault } from '@peregrine/base';
import { createInternalAlert, type InternalAlert } from '@peregrine/outputs';
import type { Config } from '../../config/config.ts';
import type { LogLevel } from '../../log.ts';
import type { DropCounts } from '../drop-watch.ts';
import { DropWatch } from '../drop-watch.ts';
import { Attribution } from './attribution.ts';
import { CgroupNames } from './cgroup-names.ts';
import { type BlindSpell, CoverageLedger, type LedgerSettings, type Loss } from './coverage-ledger.ts';
import { type CgroupName, reportGap, type WatchingRule } from './gap-report.ts';
import { LossTotals } from './loss-totals.ts';

export interface LossPort {
  readonly counters: () => DropCounts;
  readonly takeLosses: () => readonly Loss[];
  readonly rules: () => readonly WatchingRule[];
  /** 1 for each event code that the tables follow. */
  readonly stateCodes: () => Uint8Array;
  readonly container: Parameters<CgroupNames['nameOf']>[1]['container'];
  readonly alert: (alert: ReturnType<typeof createInternalAlert>) => void;
  readonly log: (level: LogLevel, text: string) => void;
  /** Is to answer through `names.learn`. */
  readonly lookUpCgroups: (cgroups: readonly bigint[]) => void;
}

type Settings = Pick<Config, 'syscall_event_drops' | 'coverage_ledger'>;

/** Alerts of one look; more spells than this at once are logged as a number. */
const MOST_ALERTS = 20;
/** Cgroups that metrics name. */
const SHOWN_CGROUPS = 50;

export interface CgroupLossCount extends CgroupName {
  readonly dropped: number;
  readonly limited: number;
}

export class LossWatch {
  readonly names: CgroupNames;
  readonly #hostname: string;
  readonly #port: LossPort;
  readonly #drops: DropWatch;
  readonly #ledger: CoverageLedger;
  readonly #attribution = new Attribution();
  readonly #totals = new LossTotals();
  #settings: Settings;
  #lastMs: number;

  constructor(
    settings: Settings,
    options: { readonly hostname: string; readonly nowMs: number; readonly port: LossPort },
  ) {
    this.#settings = settings;
    this.#hostname = options.hostname;
    this.#port = options.port;
    this.#lastMs = options.nowMs;
    this.#drops = new DropWatch(settings.syscall_event_drops);
    this.#ledger = new CoverageLedger(ledgerSettings(settings));
    this.names = new CgroupNames(options.port.lookUpCgroups);
  }

  /** What was counted so far is kept; spells end, as rules may have changed. */
  configure(settings: Settings): void {
    this.end();
    this.#settings = settings;
    this.#drops.settings = settings.syscall_event_drops;
    this.#ledger.settings = ledgerSettings(settings);
  }

  look(nowMs: number): void {
    this.#record(nowMs);
    this.#report(this.#ledger.take(nowMs), nowMs);
    this.#act(nowMs);
  }

  get isSpellOpen(): boolean {
    return this.#ledger.openCount > 0;
  }

  /** Tells of all spells, over or not. */
  end(nowMs: number = this.#lastMs): void {
    this.#record(nowMs);
    this.#report(this.#ledger.takeAll(), nowMs);
  }

  /** For metrics: numbers since the start. */
  totals(): {
    readonly spellCount: number;
    readonly blindSeconds: number;
    readonly cgroups: readonly CgroupLossCount[];
  } {
    const { spellCount, blindMs } = this.#totals;
    const cgroups = this.#totals
      .worst(SHOWN_CGROUPS)
      .map(([cgroup, losses]) => ({ ...this.names.nameOf(cgroup, this.#port), ...losses }));
    return { spellCount, blindSeconds: blindMs / 1_000, cgroups };
  }

  #record(nowMs: number): void {
    const taken = this.#port.takeLosses();
    const { droppedByCode, limitedByCode } = this.#port.counters();
    const losses = [...taken, ...this.#attribution.check(taken, [droppedByCode, limitedByCode])];
    if (losses.length > 0) {
      this.#totals.add(losses);
      if (this.#settings.coverage_ledger.enabled) this.#ledger.record(this.#lastMs, nowMs, losses);
      this.names.want(losses.map(({ cgroup }) => cgroup));
    }
    this.#lastMs = nowMs;
  }

  #report(spells: readonly BlindSpell[], nowMs: number): void {
    const { alert: isAlertWanted, log: isLogWanted } = this.#settings.coverage_ledger;
    const context = { rules: this.#port.rules(), stateCodes: this.#port.stateCodes() };
    for (const [index, spell] of spells.entries()) {
      this.#totals.close(spell);
      if (index >= MOST_ALERTS) continue;
      const { text, fields, logLine } = reportGap(
        spell,
        this.names.nameOf(spell.cgroup, this.#port),
        context,
      );
      if (isAlertWanted) this.#alert('coverage-gap', { nowMs, text, fields });
      if (isLogWanted) this.#port.log('warning', logLine);
    }
    const rest = spells.length - MOST_ALERTS;
    if (rest > 0) this.#port.log('warning', `${rest} more cgroups lost events; the metrics count them`);
  }

  #act(nowMs: number): void {
    const found = this.#drops.look(nowMs, this.#port.counters());
    if (found === undefined) return;
    const { lostSinceLast: lost, fields } = found;
    for (const action of found.actions) {
      if (action === 'log') this.#port.log('debug', `events were lost: ${JSON.stringify(fields)}`);
      else if (action === 'alert')
        this.#alert('event-drop', { nowMs, text: `. ${lost} system calls dropped in last second.`, fields });
      else
        throw new Fault('drops', `${lost} events were lost, and \`syscall_event_drops\` says to exit then`);
    }
  }

  #alert(
    kind: InternalAlert['kind'],
    { nowMs, text, fields }: { nowMs: number; text: string; fields: Readonly<Record<string, string>> },
  ): void {
    const timeNs = BigInt(nowMs) * 1_000_000n;
    this.#port.alert(createInternalAlert({ kind, hostname: this.#hostname, timeNs, text, fields }));
  }
}

function ledgerSettings({ coverage_ledger }: Settings): LedgerSettings {
  return { quietMs: coverage_ledger.quiet_s * 1_000, longestMs: coverage_ledger.longest_s * 1_000 };
}
