/** All metrics, in the order in which they are shown; and what the configuration leaves of them. */

import type { MetricFamily } from '@peregrine/api';
import type { Config } from '../config/config.ts';
import { alwaysMetrics } from './always-metrics.ts';
import { containerMetrics } from './container-metrics.ts';
import { execMetrics } from './exec-metrics.ts';
import { feedMetrics } from './feed-metrics.ts';
import { kernelMetrics } from './kernel-metrics.ts';
import type { FieldValue, Metric } from './metric.ts';
import { ownMetrics } from './own-metrics.ts';
import type { Reading } from './reading.ts';
import { resourceMetrics } from './resource-metrics.ts';
import { ruleMetrics } from './rule-metrics.ts';
import { stateMetrics } from './state-metrics.ts';

export const metricRoster: readonly Metric[] = [
  ...alwaysMetrics,
  ...ruleMetrics,
  ...resourceMetrics,
  ...stateMetrics,
  ...kernelMetrics,
  ...containerMetrics,
  ...ownMetrics,
  ...feedMetrics,
  ...execMetrics,
];

type Settings = Config['metrics'];

function isOn({ group }: Metric, settings: Settings): boolean {
  return group === 'always' || group === 'own' || settings[group];
}

/** Fields of a snapshot, sorted. Numbers that are 0 are left out unless asked for, but for those that always come. */
export function snapshotFields(reading: Reading, settings: Settings): Readonly<Record<string, FieldValue>> {
  const fields = metricRoster
    .filter((metric) => isOn(metric, settings))
    .flatMap(({ group, field }) =>
      (field?.read(reading) ?? []).filter(
        ([, value]) => group === 'always' || settings.include_empty_values || (value !== 0 && value !== ''),
      ),
    );
  return Object.fromEntries(fields.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Families for `/metrics`. */
export function metricFamilies(reading: Reading, settings: Settings): readonly MetricFamily[] {
  return metricRoster
    .filter((metric) => isOn(metric, settings))
    .flatMap(({ doc, family }) =>
      family === undefined
        ? []
        : [{ name: family.name, type: family.type, doc, samples: family.read(reading) }],
    );
}
