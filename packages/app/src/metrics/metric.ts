/** What a metric is: the fields of a snapshot, the family of samples under `/metrics`, or both, declared in one place. */

import type { MetricSample, MetricType } from '@peregrine/api';
import type { Reading } from './reading.ts';

/** The key of `metrics` that switches it; `always` and `own` (of ours, not in the reference) cannot be switched. */
export type MetricGroup =
  | 'always'
  | 'own'
  | 'rules_counters'
  | 'resource_utilization'
  | 'state_counters'
  | 'kernel_event_counters'
  | 'kernel_event_counters_per_cpu'
  | 'libbpf_stats'
  | 'plugins_metrics';

export type FieldValue = string | number | bigint;

export interface Metric {
  readonly group: MetricGroup;
  readonly doc: string;
  readonly field?: {
    /** Name, with the parts that vary in capitals: `falco.rules.RULE`. */
    readonly name: string;
    readonly read: (reading: Reading) => readonly (readonly [string, FieldValue])[];
  };
  readonly family?: {
    readonly name: string;
    readonly type: MetricType;
    readonly read: (reading: Reading) => readonly MetricSample[];
  };
}

type Read = (reading: Reading) => FieldValue | undefined;

/** One field with one value; absent where the value is. */
export function fieldOf(name: string, read: Read): NonNullable<Metric['field']> {
  return {
    name,
    read: (reading) => {
      const value = read(reading);
      return value === undefined ? [] : [[name, value]];
    },
  };
}

/** One sample without labels; absent where the value is. */
export function familyOf(
  name: string,
  type: MetricType,
  read: (reading: Reading) => number | bigint | undefined,
): NonNullable<Metric['family']> {
  return {
    name,
    type,
    read: (reading) => {
      const value = read(reading);
      return value === undefined ? [] : [{ labels: {}, value }];
    },
  };
}

/** A fact as a label of a sample that is always 1. */
export function infoOf(
  name: string,
  read: (reading: Reading) => Readonly<Record<string, string>> | undefined,
): NonNullable<Metric['family']> {
  return {
    name,
    type: 'gauge',
    read: (reading) => {
      const labels = read(reading);
      return labels === undefined ? [] : [{ labels, value: 1 }];
    },
  };
}

/** COMPAT: names of files and rules as parts of field names. */
export function sanitizeName(name: string): string {
  return name.replace(/[^a-zA-Z0-9_:]+/g, '_').replace(/_+/g, '_');
}
