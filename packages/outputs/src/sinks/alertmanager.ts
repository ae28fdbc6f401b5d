/** Alerts for Prometheus' Alertmanager. */

import { type HubAlert, isNumeric, type Priority, priorities, textOfValue } from '@peregrine/alert';
import { choice, type Infer, integer, list, schema, text, textMap, url } from '@peregrine/base';
import { defineHttpSink } from '../sink.ts';
import { dropThresholds, thresholdFor } from './parts/drop-thresholds.ts';

/** Falco's own alert that it lost events. */
const DROP_RULE = 'Falco internal: syscall event drop';
/** COMPAT: when `expiresafter` is not set; Alertmanager takes it as absent. */
const NO_END = '0001-01-01T00:00:00Z';

const severities: Readonly<Record<Priority, string>> = {
  Emergency: 'critical',
  Alert: 'critical',
  Critical: 'critical',
  Error: 'warning',
  Warning: 'warning',
  Notice: 'information',
  Informational: 'information',
  Debug: 'information',
};

const config = schema({
  hostport: list(url({ doc: 'Address of an Alertmanager.', example: 'http://alertmanager:9093' }), {
    doc: 'Addresses of the Alertmanagers; each gets every alert.',
  }),
  endpoint: text({ default: '/api/v2/alerts', doc: 'Path that takes alerts.' }),
  expiresafter: integer({
    default: 0,
    min: 0,
    doc: 'Seconds until an alert counts as resolved; 0 leaves it to the Alertmanager.',
  }),
  extralabels: textMap({ default: {}, doc: 'Labels to add to each alert.' }),
  extraannotations: textMap({ default: {}, doc: 'Annotations to add to each alert.' }),
  customseveritymap: textMap({
    default: {},
    doc: 'The label `severity` for a priority, where it should not be that of Alertmanager.',
    example: 'notice:warning',
  }),
  dropeventdefaultpriority: choice(priorities, {
    default: 'Critical',
    doc: 'Priority of lost events above a threshold that names none.',
  }),
  dropeventthresholds: dropThresholds({
    default: '10000:critical,1000:critical,100:critical,10:warning,1:warning',
    doc: 'From how many lost events on the alert about them has which priority.',
  }),
});
type Config = Infer<typeof config>;

export const alertmanager = defineHttpSink({
  name: 'alertmanager',
  title: 'AlertManager',
  category: 'alerting',
  doc: "Sends each alert to Prometheus' Alertmanager.",
  config,
  enabledBy: ['hostport'],
  refuses: ({ customseveritymap }) =>
    Object.keys(customseveritymap)
      .filter((word) => priorityOf(word) === undefined)
      .map((word) => ({ key: 'customseveritymap', why: `has \`${word}\`, which is no priority` })),
  split: (settings) =>
    settings.hostport.map((hostport) => ({ label: hostport, config: { ...settings, hostport: [hostport] } })),
  request: (alert, settings, { nowMs }) => ({
    url: `${settings.hostport[0]}${settings.endpoint}`,
    json: [
      {
        labels: labelsOf(alert, settings),
        annotations: {
          ...settings.extraannotations,
          info: alert.output,
          description: alert.output,
          summary: alert.rule,
        },
        endsAt:
          settings.expiresafter === 0
            ? NO_END
            : new Date(nowMs + settings.expiresafter * 1_000).toISOString(),
      },
    ],
  }),
});

/** COMPAT: texts and numbers become labels; `n_evts` does not, and counts of losses are rounded down to thresholds. */
function labelsOf(alert: HubAlert, settings: Config): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {};
  let { priority } = alert;
  for (const [name, value] of Object.entries(alert.fields)) {
    if (name.startsWith('n_evts')) continue;
    if (name.startsWith('n_drop')) {
      const found = dropLabel(Number(textOfValue(value)), settings);
      labels[labelName(name)] = found.label;
      if (alert.rule === DROP_RULE && isMoreUrgent(found.priority, priority)) priority = found.priority;
    } else if (typeof value === 'string' || isNumeric(value)) {
      labels[labelName(name)] = textOfValue(value);
    }
  }
  const { rule, source, hostname, tags } = alert;
  return {
    ...labels,
    source: 'falco',
    rule,
    alertname: rule,
    eventsource: source,
    ...(hostname === '' ? {} : { hostname }),
    ...(tags.length === 0 ? {} : { tags: tags.join(',') }),
    priority,
    severity: severityOf(priority, settings),
    ...settings.extralabels,
  };
}

function dropLabel(count: number, settings: Config): { readonly label: string; readonly priority: Priority } {
  const threshold = thresholdFor(count, settings.dropeventthresholds);
  if (threshold === undefined) return { label: '0', priority: 'Debug' };
  return { label: `>${threshold.count}`, priority: threshold.priority ?? settings.dropeventdefaultpriority };
}

function isMoreUrgent(a: Priority, b: Priority): boolean {
  return priorities.indexOf(a) < priorities.indexOf(b);
}

function severityOf(priority: Priority, { customseveritymap }: Config): string {
  const custom = Object.entries(customseveritymap).find(([word]) => priorityOf(word) === priority);
  return custom?.[1] ?? severities[priority];
}

function priorityOf(word: string): Priority | undefined {
  return priorities.find((priority) => priority.toLowerCase() === word.toLowerCase());
}

/** Letters, digits and single underscores. */
function labelName(name: string): string {
  return name
    .replace(/[^a-zA-Z0-9_]/g, '_')
    .replaceAll('__', '_')
    .replace(/_+$/, '')
    .replace(/^(\d)/, '_$1');
}
