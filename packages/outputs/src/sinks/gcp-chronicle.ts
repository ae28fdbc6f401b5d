/** Logs for Google Security Operations (Chronicle). */

import type { Encodable, HubAlert } from '@peregrine/alert';
import { type Infer, schema, text } from '@peregrine/base';
import { defineHttpSink, type HttpRequest, type SinkCall } from '../sink.ts';
import { fitAlert } from './parts/fit-alert.ts';
import { endpointKey, googleClient, googleSection, googleUrl, methodUrl } from './parts/google.ts';

/** The API takes 4 MB in one request; base64 takes a third more than what it encodes. */
const MOST_ALERT_BYTES = 1_000_000;

const config = schema({
  region: text({ default: '', doc: 'Region of the instance.', example: 'eu' }),
  projectid: text({ default: '', doc: 'Project of the instance.', example: 'my-project' }),
  instanceid: text({
    default: '',
    doc: 'Customer id of the instance.',
    example: '01234567-89ab-cdef-0123-456789abcdef',
  }),
  logtype: text({ default: 'FALCO_IDS', doc: 'Type of the logs, which says how they are parsed.' }),
  endpoint: endpointKey('Chronicle'),
});
type Config = Infer<typeof config>;

export const gcpChronicle = defineHttpSink({
  name: 'gcp.chronicle',
  title: 'GCPChronicle',
  category: 'siem',
  doc: 'Sends each alert as a log to Google Security Operations (Chronicle).',
  shared: googleSection,
  config,
  enabledBy: ['region', 'projectid', 'instanceid'],
  refuses: (settings) =>
    (['region', 'projectid', 'instanceid', 'logtype'] as const)
      .filter((key) => !/^[a-zA-Z0-9][a-zA-Z0-9_-]*$/.test(settings[key]))
      .map((key) => ({ key, why: 'has what no such name has: letters, digits, `-` and `_` are' })),
  request: (alert, settings, call) => importing([alert], settings, call),
  batch: {
    limits: () => ({ mostAlerts: 500, mostBytes: 1_000_000, waitMs: 200 }),
    triesAlone: true,
    request: importing,
  },
  client: ({ shared }, context) => googleClient(shared, context),
});

function importing(alerts: readonly HubAlert[], settings: Config, { nowMs }: SinkCall): HttpRequest {
  const { region, projectid, instanceid, logtype, endpoint } = settings;
  const usual = `https://chronicle.${region}.rep.googleapis.com`;
  const instance = ['v1beta', 'projects', projectid, 'locations', region, 'instances', instanceid];
  return {
    url: methodUrl(googleUrl(endpoint, usual, ...instance, 'logTypes', logtype, 'logs'), 'import'),
    json: { inlineSource: { logs: alerts.map((alert) => logOf(alert, nowMs)) } },
  };
}

/** Collected after it was made, whatever the clocks say. */
function logOf(alert: HubAlert, nowMs: number): Encodable {
  const timeMs = Number(alert.timeNs / 1_000_000n);
  const collectedMs = nowMs > timeMs ? nowMs : timeMs + 1_000;
  return {
    data: Buffer.from(fitAlert(alert, MOST_ALERT_BYTES).json, 'utf8').toString('base64'),
    logEntryTime: secondsOf(timeMs),
    collectionTime: secondsOf(collectedMs),
  };
}

/** COMPAT: without fractions. */
function secondsOf(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19)}Z`;
}
