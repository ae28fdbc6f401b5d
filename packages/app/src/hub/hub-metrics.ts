/**
 * What the hub counts. COMPAT: the first three families have falcosidekick's names and labels; ours stand beside them.
 *
 * Labels come from alerts, which anybody may send: combinations have a limit, and what comes later is counted together.
 */

import type { HubAlert } from '@peregrine/alert';
import { priorities, textOfValue } from '@peregrine/alert';
import type { MetricFamily, MetricSample } from '@peregrine/api';
import type { Router } from '@peregrine/hub';
import type { Journal } from '@peregrine/journal';
import type { CounterReading, HubCounter, OutputRunner, Sink } from '@peregrine/outputs/hub';

/** Longer values of labels are cut, UTF-16 units. */
const MOST_LABEL_LENGTH = 200;
const OTHER = 'other';

export interface HubMetricsOptions {
  /** Name of the label by name of the field. */
  readonly extraLabels: ReadonlyMap<string, string>;
  readonly mostSeries: number;
}

export interface RunningOutput {
  readonly runner: OutputRunner;
  readonly sink: Sink;
  /** Alerts that it will never see, since the journal gave them up. */
  readonly lostCount: () => number;
}

export class HubMetrics {
  readonly #options: HubMetricsOptions;
  readonly #events = new Map<string, { readonly labels: Readonly<Record<string, string>>; count: number }>();
  /** Alerts that came in: taken, or not. */
  acceptedCount = 0;
  rejectedCount = 0;
  /** Alerts that were as they should be, and for which there was no room. */
  refusedCount = 0;
  readonly #byPriority = new Map<string, number>();

  constructor(options: HubMetricsOptions) {
    this.#options = options;
  }

  countAlert(alert: HubAlert): void {
    this.acceptedCount++;
    this.#byPriority.set(alert.priority, (this.#byPriority.get(alert.priority) ?? 0) + 1);
    const key = this.#keyOf(alert);
    const known = this.#events.get(key);
    if (known !== undefined) {
      known.count++;
      return;
    }
    if (this.#events.size < this.#options.mostSeries) {
      this.#events.set(key, { labels: this.#labelsOf(alert), count: 1 });
      return;
    }
    const other = this.#events.get(OTHER);
    if (other !== undefined) other.count++;
    else this.#events.set(OTHER, { labels: this.#otherLabels(), count: 1 });
  }

  families(journal: Journal, outputs: readonly RunningOutput[], router?: Router): readonly MetricFamily[] {
    return [
      ...this.#compatible(outputs),
      ...outputFamilies(outputs),
      ...this.#journalFamilies(journal),
      ...(router === undefined ? [] : routingFamilies(router)),
      ...processFamilies(),
    ];
  }

  /** What StatsD is told. COMPAT: names and tags are falcosidekick's. */
  readings(outputs: readonly RunningOutput[]): readonly CounterReading[] {
    const one = (name: string, count: number, ...tags: readonly string[]): CounterReading => ({
      ...{ name, tags, count },
    });
    return [
      one('total', this.acceptedCount + this.rejectedCount),
      one('inputs.requests.accepted', this.acceptedCount),
      one('inputs.requests.rejected', this.rejectedCount, 'error:invalidjson'),
      ...[...this.#byPriority].map(([priority, count]) =>
        one('falco.accepted', count, `priority:${priority}`),
      ),
      ...[...countsByDestination(outputs)].flatMap(([destination, { ok, error }]) => [
        one('outputs', ok, `output:${destination}`, 'status:ok'),
        one('outputs', error, `output:${destination}`, 'status:error'),
      ]),
    ];
  }

  /** What collectors of OpenTelemetry are told besides. COMPAT: names and labels are falcosidekick's. */
  counters(outputs: readonly RunningOutput[]): readonly HubCounter[] {
    const inputs = 'falcosecurity_falcosidekick_inputs';
    const name = 'falcosecurity_falcosidekick_outputs';
    return [
      { name: inputs, labels: { source: 'requests', status: 'accepted' }, count: this.acceptedCount },
      { name: inputs, labels: { source: 'requests', status: 'rejected' }, count: this.rejectedCount },
      ...[...countsByDestination(outputs)].flatMap(([destination, { ok, error }]) => [
        { name, labels: { destination, status: 'ok' }, count: ok },
        { name, labels: { destination, status: 'error' }, count: error },
      ]),
    ];
  }

  #compatible(outputs: readonly RunningOutput[]): readonly MetricFamily[] {
    const byDestination = countsByDestination(outputs);
    return [
      counter('falcosecurity_falcosidekick_inputs_total', 'Alerts that came in.', [
        { labels: { source: 'requests', status: 'accepted' }, value: this.acceptedCount },
        { labels: { source: 'requests', status: 'rejected' }, value: this.rejectedCount },
      ]),
      counter(
        'falcosecurity_falcosidekick_outputs_total',
        'Alerts that outputs delivered, and attempts that failed.',
        [...byDestination].flatMap(([destination, { ok, error }]) => [
          { labels: { destination, status: 'ok' }, value: ok },
          { labels: { destination, status: 'error' }, value: error },
        ]),
      ),
      counter(
        'falcosecurity_falcosidekick_falco_events_total',
        'Alerts that were taken, by what they are about.',
        [...this.#events.values()].map(({ labels, count }) => ({ labels, value: count })),
      ),
    ];
  }

  #journalFamilies(journal: Journal): readonly MetricFamily[] {
    const one = (value: number): readonly MetricSample[] => [{ labels: {}, value }];
    return [
      counter(
        'peregrine_hub_refused_alerts_total',
        'Alerts that senders were told to send again.',
        one(this.refusedCount),
      ),
      gauge('peregrine_hub_journal_bytes', 'Size of the journal.', one(journal.sizeBytes)),
      gauge('peregrine_hub_journal_waiting_bytes', 'What waits for the disk.', one(journal.waitingBytes)),
      counter('peregrine_hub_journal_records_total', 'Alerts that were written.', one(journal.appendedCount)),
      counter('peregrine_hub_journal_groups_total', 'Writes that they took.', one(journal.groupCount)),
      counter(
        'peregrine_hub_journal_refused_total',
        'Alerts that the journal could not take.',
        one(journal.refusedCount),
      ),
    ];
  }

  #keyOf(alert: HubAlert): string {
    let key = `${alert.hostname}\0${alert.rule}\0${alert.priority}\0${alert.source}\0`;
    key += `${labelOf(alert, 'k8s.ns.name')}\0${labelOf(alert, 'k8s.pod.name')}`;
    for (const field of this.#options.extraLabels.keys()) key += `\0${labelOf(alert, field)}`;
    return key;
  }

  #labelsOf(alert: HubAlert): Readonly<Record<string, string>> {
    const extra: Record<string, string> = {};
    for (const [field, label] of this.#options.extraLabels) extra[label] = labelOf(alert, field);
    return {
      ...extra,
      hostname: cut(alert.hostname || 'unknown'),
      rule: cut(alert.rule),
      priority: String(priorities.length - priorities.indexOf(alert.priority)),
      priority_raw: alert.priority.toLowerCase(),
      source: cut(alert.source),
      k8s_ns_name: labelOf(alert, 'k8s.ns.name'),
      k8s_pod_name: labelOf(alert, 'k8s.pod.name'),
    };
  }

  #otherLabels(): Readonly<Record<string, string>> {
    const names = ['hostname', 'rule', 'priority', 'priority_raw', 'source', 'k8s_ns_name', 'k8s_pod_name'];
    return Object.fromEntries([...this.#options.extraLabels.values(), ...names].map((name) => [name, OTHER]));
  }
}

function countsByDestination(
  outputs: readonly RunningOutput[],
): ReadonlyMap<string, { readonly ok: number; readonly error: number }> {
  const byDestination = new Map<string, { ok: number; error: number }>();
  for (const { runner, sink } of outputs) {
    const destination = sink.destination ?? sink.name.replaceAll('.', '');
    const counts = byDestination.get(destination) ?? { ok: 0, error: 0 };
    const { deliveredCount, failedCount, rejectedCount } = runner.counters;
    counts.ok += deliveredCount;
    counts.error += failedCount + rejectedCount;
    byDestination.set(destination, counts);
  }
  return byDestination;
}

function labelOf(alert: HubAlert, field: string): string {
  const value = alert.fields[field];
  return value === undefined || value === null ? '' : cut(textOfValue(value));
}

function cut(text: string): string {
  return text.length > MOST_LABEL_LENGTH ? text.slice(0, MOST_LABEL_LENGTH).toWellFormed() : text;
}

const breakerValues = { closed: 0, 'half-open': 1, open: 2 } as const;

function outputFamilies(outputs: readonly RunningOutput[]): readonly MetricFamily[] {
  const each = (measure: (output: RunningOutput) => number): readonly MetricSample[] =>
    outputs.map((output) => ({ labels: { output: output.runner.id }, value: measure(output) }));
  return [
    gauge(
      'peregrine_hub_output_queue_alerts',
      'Alerts that are not delivered yet.',
      each(({ runner }) => runner.lagCount),
    ),
    gauge(
      'peregrine_hub_output_oldest_seconds',
      'Age of the oldest alert that is being delivered.',
      each(({ runner }) => runner.oldestMs / 1_000),
    ),
    gauge(
      'peregrine_hub_output_breaker_state',
      'Whether the destination answers: 0 it does, 1 it is being asked, 2 it is left alone.',
      each(({ runner }) => breakerValues[runner.breakerState]),
    ),
    counter(
      'peregrine_hub_output_attempts_total',
      'Requests and calls.',
      each(({ runner }) => runner.counters.attemptCount),
    ),
    counter(
      'peregrine_hub_output_retries_total',
      'Alerts that were sent again.',
      each(({ runner }) => runner.counters.retryCount),
    ),
    counter(
      'peregrine_hub_output_skipped_alerts_total',
      'Alerts that are not for the output.',
      each(({ runner }) => runner.counters.skippedCount),
    ),
    counter(
      'peregrine_hub_output_dead_letters_total',
      'Alerts that were given up, since the destination refused them or they became too old.',
      outputs.flatMap(({ runner }) => [
        { labels: { output: runner.id, reason: 'rejected' }, value: runner.counters.rejectedCount },
        { labels: { output: runner.id, reason: 'expired' }, value: runner.counters.expiredCount },
      ]),
    ),
    counter(
      'peregrine_hub_output_lost_alerts_total',
      'Alerts that left the journal before the output took them, to make room or through damage.',
      each(({ lostCount }) => lostCount()),
    ),
  ];
}

function routingFamilies(router: Router): readonly MetricFamily[] {
  return [
    counter('peregrine_hub_silenced_alerts_total', 'Alerts that a silence kept from all outputs.', [
      ...[...router.silencedCounts].map(([silence, value]) => ({ labels: { silence }, value })),
    ]),
    counter(
      'peregrine_hub_held_alerts_total',
      'Alerts that were not sent, since others like them were.',
      router.noise.map(({ settings, heldCount }) => ({ labels: { noise: settings.name }, value: heldCount })),
    ),
    gauge(
      'peregrine_hub_noise_groups',
      'Groups of alerts whose window is open.',
      router.noise.map(({ settings, groupCount }) => ({
        labels: { noise: settings.name },
        value: groupCount,
      })),
    ),
  ];
}

function processFamilies(): readonly MetricFamily[] {
  const { user, system } = process.cpuUsage();
  const one = (value: number): readonly MetricSample[] => [{ labels: {}, value }];
  return [
    counter(
      'process_cpu_seconds_total',
      'Time of processors that the process took.',
      one((user + system) / 1e6),
    ),
    gauge('process_resident_memory_bytes', 'Memory that the process takes.', one(process.memoryUsage.rss())),
    gauge(
      'process_start_time_seconds',
      'When the process began, since the epoch.',
      one(performance.timeOrigin / 1_000),
    ),
  ];
}

function counter(name: string, doc: string, samples: readonly MetricSample[]): MetricFamily {
  return { name, type: 'counter', doc, samples };
}

function gauge(name: string, doc: string, samples: readonly MetricSample[]): MetricFamily {
  return { name, type: 'gauge', doc, samples };
}
