/** Log lines for Grafana Loki. */

import type { HubAlert } from '@peregrine/alert';
import { choice, type Infer, list, Secret, schema, secret, text, url } from '@peregrine/base';
import { defineHttpSink, type HubFacts } from '../sink.ts';
import { joined } from './parts/address.ts';
import { basicAuth } from './parts/basic-auth.ts';
import { cutBytes, fitAlert } from './parts/fit-alert.ts';

/** What Loki takes where nobody changed its limits: bytes of a line, of a label's name and of its value. */
const MOST_LINE_BYTES = 256 * 1024;
const MOST_NAME_BYTES = 1_024;
const MOST_VALUE_BYTES = 2_048;

const config = schema({
  hostport: url({ doc: 'Address of the server.', example: 'http://loki:3100' }),
  endpoint: text({ default: '/loki/api/v1/push', doc: 'Path that takes log lines.' }),
  user: text({
    default: '',
    doc: 'User, where the server wants one; for Grafana Cloud, the number of the instance.',
  }),
  apikey: secret({ default: new Secret(''), doc: 'Password or API key of the user.' }),
  tenant: text({ default: '', doc: 'Tenant that the lines belong to.' }),
  format: choice(['text', 'json'], {
    default: 'text',
    doc: 'Lines are the output of alerts, or alerts as JSON.',
  }),
  extralabels: list(text({ doc: 'Name of a field.' }), {
    default: [],
    doc: 'Fields that become labels, beside rule, source, priority, tags, host, namespace and pod.',
    example: 'proc.name,user.name',
  }),
});
type Config = Infer<typeof config>;

export const loki = defineHttpSink({
  name: 'loki',
  title: 'Loki',
  category: 'logs',
  doc: 'Sends each alert as a log line to Grafana Loki.',
  config,
  enabledBy: ['hostport'],
  request: (alert, settings, { hub }) => ({
    url: joined(settings.hostport, settings.endpoint),
    headers: {
      'content-type': 'application/json',
      ...(settings.tenant === '' ? {} : { 'x-scope-orgid': settings.tenant }),
      ...basicAuth(settings.user, settings.apikey),
    },
    json: {
      streams: [
        { stream: labelsOf(alert, settings, hub), values: [[String(alert.timeNs), lineOf(alert, settings)]] },
      ],
    },
  }),
});

function lineOf(alert: HubAlert, { format }: Config): string {
  return format === 'json' ? fitAlert(alert, MOST_LINE_BYTES).json : cutBytes(alert.output, MOST_LINE_BYTES);
}

/** COMPAT: only fields that hold texts become labels. */
function labelsOf(
  alert: HubAlert,
  settings: Config,
  { addedFields }: HubFacts,
): Readonly<Record<string, string>> {
  const { rule, source, priority, hostname, tags, fields } = alert;
  const labels: Record<string, string> = { rule, source, priority };
  const wanted = ['k8s.ns.name', 'k8s.pod.name', ...addedFields, ...settings.extralabels];
  for (const name of wanted) {
    const value = fields[name];
    if (typeof value === 'string') labels[labelName(name)] = value.replaceAll('"', '');
  }
  if (hostname !== '') labels.hostname = hostname;
  if (tags.length > 0) labels.tags = tags.join(',');
  return Object.fromEntries(
    Object.entries(labels).map(([name, value]) => [name, cutBytes(value, MOST_VALUE_BYTES)]),
  );
}

/** COMPAT: brackets go, dots become `_`; so does all else that no label may have. */
function labelName(name: string): string {
  return name
    .replace(/[[\]]/g, '')
    .replace(/[^a-zA-Z0-9_]/g, '_')
    .replace(/^(?=\d|$)/, '_')
    .slice(0, MOST_NAME_BYTES);
}
