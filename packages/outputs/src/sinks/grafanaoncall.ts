/** Alerts for Grafana OnCall. */

import { schema, url } from '@peregrine/base';
import { defineHttpSink } from '../sink.ts';
import { shortened } from './parts/chat.ts';

/** UTF-16 units; the limits are ours. */
const MOST_TITLE = 1_000;
const MOST_MESSAGE = 20_000;

export const grafanaoncall = defineHttpSink({
  name: 'grafanaoncall',
  title: 'GrafanaOnCall',
  category: 'alerting',
  doc: 'Sends each alert to an integration of Grafana OnCall.',
  config: schema({
    webhookurl: url({
      doc: 'Address of the integration for formatted webhooks; whoever has it can post.',
      example: 'https://oncall.example.org/integrations/v1/formatted_webhook/XXXX/',
    }),
  }),
  enabledBy: ['webhookurl'],
  request: (alert, config) => ({
    url: config.webhookurl,
    headers: { 'content-type': 'application/json' },
    json: {
      alert_uid: alert.uuid,
      state: 'alerting',
      title: shortened(`[${alert.priority}] ${alert.rule}`, MOST_TITLE),
      message: shortened(alert.output, MOST_MESSAGE),
    },
  }),
});
