/** A spell of blindness in words: fields of its alert, and a line for the log. */

import { eventRoster } from '@peregrine/events';
import type { BlindSpell } from './coverage-ledger.ts';

/** What is known of a cgroup; absent parts are not known, or there is none. */
export interface CgroupName {
  /** Path below the root of its hierarchy. */
  readonly path: string | undefined;
  readonly containerId: string | undefined;
  readonly containerName: string | undefined;
  readonly image: string | undefined;
}

/** The part of a rule that matters here. */
export interface WatchingRule {
  readonly name: string;
  readonly eventCodes: ReadonlySet<number>;
}

export interface GapReport {
  /** What comes after the name of the alert's rule. Holds nothing that others chose. */
  readonly text: string;
  /** All text. */
  readonly fields: Readonly<Record<string, string>>;
  readonly logLine: string;
}

const MOST_RULES = 50;
const MOST_CALLS = 30;

/** Rules that look at an event of these codes, in their order. */
export function blindRules(rules: readonly WatchingRule[], codes: Iterable<number>): readonly string[] {
  const lost = [...codes];
  return rules.filter(({ eventCodes }) => lost.some((code) => eventCodes.has(code))).map(({ name }) => name);
}

/** `stateCodes`: 1 for each event code that the tables follow. */
export function reportGap(
  spell: BlindSpell,
  cgroup: CgroupName,
  { rules, stateCodes }: { readonly rules: readonly WatchingRule[]; readonly stateCodes: Uint8Array },
): GapReport {
  const { lostByCode, dropped, limited } = spell;
  const blind = blindRules(rules, lostByCode.keys());
  const calls = [...lostByCode]
    .sort(([, a], [, b]) => b - a)
    .map(([code, count]) => `${eventRoster[code]?.name ?? code}=${count}`);
  const isStateLost = [...lostByCode.keys()].some((code) => stateCodes[code] === 1);
  const [from, to] = [new Date(spell.fromMs).toISOString(), new Date(spell.toMs).toISOString()];
  const count = dropped + limited;
  const tail = spell.isOngoing ? ', and it goes on' : '';
  const text = `. ${count} events of a cgroup were lost from ${from} to ${to}${tail}; ${blind.length} rules did not see them.`;
  const fields = {
    cgroup: cgroup.path ?? 'unknown',
    'container.id': cgroup.containerId ?? (cgroup.path === undefined ? 'unknown' : 'host'),
    'container.name': cgroup.containerName ?? '',
    'container.image': cgroup.image ?? '',
    from,
    to,
    is_ongoing: String(spell.isOngoing),
    n_dropped: String(dropped),
    n_limited: String(limited),
    syscalls: joinFirst(calls, MOST_CALLS, ' '),
    n_rules: String(blind.length),
    rules: joinFirst(blind, MOST_RULES, ', '),
    tables_affected: String(isStateLost),
  };
  const who = `cgroup ${JSON.stringify(fields.cgroup)}, container ${JSON.stringify(fields['container.id'])}`;
  const logLine = `${count} events of ${who} were lost from ${from} to ${to}${tail}: ${fields.syscalls}; ${blind.length} rules did not see them`;
  return { text, fields, logLine };
}

function joinFirst(items: readonly string[], most: number, separator: string): string {
  const rest = items.length - most;
  return rest > 0
    ? `${items.slice(0, most).join(separator)}${separator}and ${rest} more`
    : items.join(separator);
}
