/** Counts of a run, and how they are shown at its end. */

import { priorities } from '@peregrine/alert';

export interface RuleCount {
  readonly rule: string;
  /** Index in `priorities`. */
  readonly priority: number;
  readonly count: number;
}

export interface Statistics {
  /** Events that sources gave, whether anything wanted them or not. */
  readonly events: number;
  readonly matches: readonly RuleCount[];
  /** Events lost, by reason; reasons without loss are left out. */
  readonly losses: Readonly<Record<string, number>>;
}

export const noStatistics: Statistics = Object.freeze({ events: 0, matches: [], losses: {} });

/** Sums of what several rulesets counted, one after the other. */
export function addMatches(a: readonly RuleCount[], b: readonly RuleCount[]): readonly RuleCount[] {
  const sums = new Map<string, RuleCount>();
  for (const entry of [...a, ...b]) {
    sums.set(entry.rule, { ...entry, count: entry.count + (sums.get(entry.rule)?.count ?? 0) });
  }
  return [...sums.values()];
}

/** The summary as tools of the reference's users read it. */
export function renderStatistics({ matches }: Statistics): string {
  const total = matches.reduce((sum, { count }) => sum + count, 0);
  const bySeverity = priorities.flatMap((name, priority) => {
    const count = matches
      .filter((entry) => entry.priority === priority)
      .reduce((sum, entry) => sum + entry.count, 0);
    const label = name === 'Informational' ? 'INFO' : name.toUpperCase();
    return count === 0 ? [] : [`   ${label}: ${count}\n`];
  });
  const byRule = matches.map(({ rule, count }) => `   ${rule}: ${count}\n`);
  return [
    `Events detected: ${total}\n`,
    'Rule counts by severity:\n',
    ...bySeverity,
    'Triggered rules by rule name:\n',
    ...byRule,
  ].join('');
}
