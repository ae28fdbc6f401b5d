/** Matches of rules. */

import { fieldOf, type Metric, sanitizeName } from './metric.ts';
import type { Reading } from './reading.ts';

const group = 'rules_counters';

function total({ measurement }: Reading): number {
  return measurement.matches.reduce((sum, { count }) => sum + count, 0);
}

export const ruleMetrics: readonly Metric[] = [
  { group, doc: 'Matches of all rules.', field: fieldOf('falco.rules.matches_total', total) },
  {
    group,
    doc: 'Matches of a rule.',
    field: {
      name: 'falco.rules.RULE',
      read: ({ measurement }) =>
        measurement.matches.map(({ rule, count }) => [`falco.rules.${sanitizeName(rule)}`, count]),
    },
    family: {
      name: 'falcosecurity_falco_rules_matches_total',
      type: 'counter',
      read: ({ measurement }) =>
        measurement.matches.map(({ rule, priority, count, source, tags }) => ({
          labels: {
            priority: String(priority),
            rule_name: rule,
            source,
            ...Object.fromEntries(
              tags.map((tag) => [`tag_${sanitizeName(tag).replaceAll(':', '_')}`, 'true']),
            ),
          },
          value: count,
        })),
    },
  },
];
