/** Metrics in Prometheus' text format, version 0.0.4. */

export type MetricType = 'counter' | 'gauge' | 'histogram';

export interface MetricSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number | bigint;
  /** What the sample's name has after the family's, in histograms: `_bucket`, `_sum`, `_count`. */
  readonly suffix?: string;
}

/** All samples of one name. */
export interface MetricFamily {
  /** Letters, digits, `_` and `:`. */
  readonly name: string;
  readonly type: MetricType;
  readonly doc: string;
  readonly samples: readonly MetricSample[];
}

/** Families without samples are left out. Ends with a newline, as the format asks. */
export function renderPrometheus(families: readonly MetricFamily[]): string {
  return families
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, type, doc, samples }) => {
      const lines = samples.map(
        ({ labels, value, suffix = '' }) => `${name}${suffix}${renderLabels(labels)} ${value}\n`,
      );
      return `# HELP ${name} ${escapeDoc(doc)}\n# TYPE ${name} ${type}\n${lines.join('')}`;
    })
    .join('');
}

function renderLabels(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escapeDoc(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function escapeLabel(text: string): string {
  return escapeDoc(text).replaceAll('"', '\\"');
}
