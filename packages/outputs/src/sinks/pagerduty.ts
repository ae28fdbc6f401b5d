/** Alerts for PagerDuty, through its Events API v2. */

import type { HubAlert, Priority } from '@peregrine/alert';
import { choice, type Outcome, schema, secret } from '@peregrine/base';
import { template } from '@peregrine/template';
import { defineHttpSink } from '../sink.ts';
import { type HttpAnswer, reasonOf } from '../transport/http-answer.ts';
import { headlineOf, shortened } from './parts/chat.ts';
import { fitAlert } from './parts/fit-alert.ts';
import { sameKey } from './parts/same-key.ts';

/** What PagerDuty takes: UTF-16 units, and bytes of all (512 KB). */
const MOST_SUMMARY = 1_024;
const MOST_KEY = 255;
const MOST_ALERT_BYTES = 400_000;

const hosts = { us: 'https://events.pagerduty.com', eu: 'https://events.eu.pagerduty.com' } as const;

const severities: Readonly<Record<Priority, string>> = {
  Emergency: 'critical',
  Alert: 'critical',
  Critical: 'critical',
  Error: 'error',
  Warning: 'warning',
  Notice: 'info',
  Informational: 'info',
  Debug: 'info',
};

const config = schema({
  routingkey: secret({
    doc: 'Integration key of the service or the ruleset.',
    example: '0123456789abcdef0123456789abcdef',
  }),
  region: choice(['us', 'eu'], { default: 'us', doc: 'Region of the account.' }),
  severity: choice(['critical', 'error', 'warning', 'info', 'priority'], {
    default: 'critical',
    doc: 'Severity of all alerts; `priority` makes it that of each alert.',
  }),
  dedupkey: template({
    doc: 'Alerts for which this gives the same text join one incident; without it, each alert is one of its own.',
    example: '{{ .Rule }} {{ .Hostname }}',
  }),
});

export const pagerduty = defineHttpSink({
  name: 'pagerduty',
  title: 'Pagerduty',
  category: 'alerting',
  doc: 'Triggers an incident of PagerDuty for each alert.',
  config,
  enabledBy: ['routingkey'],
  request: (alert, settings, call) => ({
    url: `${hosts[settings.region]}/v2/enqueue`,
    headers: { 'content-type': 'application/json' },
    json: {
      routing_key: settings.routingkey.reveal(),
      event_action: 'trigger',
      dedup_key: sameKey(settings.dedupkey, alert, call, MOST_KEY),
      payload: {
        summary: shortened(headlineOf(alert), MOST_SUMMARY),
        source: 'falco',
        severity: settings.severity === 'priority' ? severities[alert.priority] : settings.severity,
        // COMPAT: without fractions of a second.
        timestamp: alert.time.replace(/\.\d+/, ''),
        custom_details: detailsOf(fitAlert(alert, MOST_ALERT_BYTES)),
      },
    },
  }),
  classify: classifyPagerduty,
  // COMPAT: falcosidekick's line.
  answerLines: () => ['Create Incident OK'],
});

function detailsOf(alert: HubAlert) {
  const { fields, hostname, rule, priority, source, tags } = alert;
  return {
    ...fields,
    hostname: hostname === '' ? undefined : hostname,
    rule,
    priority,
    source,
    tags: tags.length === 0 ? undefined : tags.join(', '),
  };
}

/** A key that PagerDuty does not know has the status of a bad request. */
function classifyPagerduty(answer: HttpAnswer): Outcome | undefined {
  if (answer.status !== 400 || !answer.body.includes('routing_key')) return undefined;
  return { kind: 'retry', reason: reasonOf(answer), afterMs: undefined };
}
