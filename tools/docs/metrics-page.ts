/** Reference of metrics, from their declarations. */

import type { Metric } from '../../packages/app/src/metrics/metric.ts';
import { metricRoster } from '../../packages/app/src/metrics/roster.ts';
import { code, type Page, section, table } from './markdown.ts';

const titles: Readonly<Record<Metric['group'], string>> = {
  always: 'Always',
  rules_counters: 'With `metrics.rules_counters`',
  resource_utilization: 'With `metrics.resource_utilization`',
  state_counters: 'With `metrics.state_counters`',
  kernel_event_counters: 'With `metrics.kernel_event_counters`',
  kernel_event_counters_per_cpu: 'With `metrics.kernel_event_counters_per_cpu`',
  libbpf_stats: 'With `metrics.libbpf_stats`',
  plugins_metrics: 'With `metrics.plugins_metrics`',
  own: 'Of ours, always',
};

export function metricsPage(): Page {
  return {
    name: 'metrics.md',
    title: 'Metrics',
    summary: 'What is counted and measured, as fields of snapshots and under `/metrics`.',
    body: [
      'Metrics are made when `metrics.enabled` is set: as an internal alert (`metrics.output_rule`), as lines of a file',
      '(`metrics.output_file`), and under `/metrics` in Prometheus’ format (`webserver.prometheus_metrics_enabled`). Memory in',
      'snapshots is in megabytes, or with `metrics.convert_memory_to_mb` off in the unit that the name then ends with.',
      '',
      ...Object.entries(titles).flatMap(([group, title]) => [
        section(title, tableOf(metricRoster.filter((metric) => metric.group === group))),
        '',
      ]),
    ].join('\n'),
  };
}

function tableOf(metrics: readonly Metric[]): string {
  const rows = metrics.map(({ doc, field, family }) => [
    field === undefined ? '' : code(field.name),
    family === undefined ? '' : code(family.name),
    family?.type ?? '',
    doc,
  ]);
  return table(['field of a snapshot', 'under `/metrics`', 'type', 'meaning'], rows);
}
