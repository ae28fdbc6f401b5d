/** Events for Spyderbat. */

import type { HubAlert, Priority } from '@peregrine/alert';
import { type Infer, schema, secret, text, url } from '@peregrine/base';
import { defineHttpSink, type SinkCall } from '../sink.ts';
import { below, joined } from './parts/address.ts';
import { shortened } from './parts/chat.ts';
import { clientAfter } from './parts/client-after.ts';

/** UTF-16 units; the limits are ours. */
const MOST_OUTPUT = 20_000;
const MOST_ARGUMENTS = 10_000;

/** COMPAT: a critical alert counts for more than one that is just called an alert. */
const levels: Readonly<Record<Priority, string>> = {
  Emergency: 'critical',
  Alert: 'high',
  Critical: 'critical',
  Error: 'high',
  Warning: 'medium',
  Notice: 'low',
  Informational: 'info',
  Debug: 'info',
};

const config = schema({
  orguid: text({ doc: 'Identifier of the organization.', example: 'XXXX' }),
  apikey: secret({ doc: 'API key.', example: 'YYYY' }),
  apiurl: url({ default: 'https://api.spyderbat.com', doc: 'Address of the API.' }),
  source: text({
    default: 'falcosidekick',
    doc: 'Name of the source that the events come from; it is made where it is not there.',
  }),
  sourcedescription: text({ default: '', doc: 'Description of the source.' }),
});
type Config = Infer<typeof config>;

export const spyderbat = defineHttpSink({
  name: 'spyderbat',
  title: 'Spyderbat',
  category: 'metrics',
  doc: 'Sends each alert with a number in `proc.pid` as an event to Spyderbat.',
  config,
  enabledBy: ['orguid'],
  client: async (settings, context) =>
    clientAfter(context, {
      what: 'the source',
      isThere: { method: 'GET', url: sourcesOf(settings) },
      finds: ({ body }) => body.includes(JSON.stringify(sourceId(settings))),
      create: {
        url: sourcesOf(settings),
        json: {
          name: settings.source,
          description: settings.sourcedescription,
          uid: sourceId(settings),
        },
      },
    }),
  request: (alert, settings, call) => {
    const pid = alert.fields['proc.pid'];
    // Spyderbat has no events but those of processes.
    if (typeof pid !== 'number') return [];
    return {
      url: joined(below(sourcesOf(settings), sourceId(settings)), '/data/sb-agent'),
      headers: {
        'content-type': 'application/ndjson',
        authorization: `Bearer ${settings.apikey.reveal()}`,
      },
      json: eventOf(alert, pid, call),
      isCompressed: true,
    };
  },
});

function sourcesOf({ apiurl, orguid }: Config): string {
  return joined(below(joined(apiurl, '/api/v1/org'), orguid), '/source/');
}

function sourceId({ orguid }: Config): string {
  return `falcosidekick_${orguid}`;
}

/** COMPAT: the message begins behind the time and the priority. */
function eventOf(alert: HubAlert, pid: number, { deliveryId, nowMs }: SinkCall) {
  const { fields } = alert;
  return {
    schema: 'falco_alert::1.0.0',
    id: deliveryId,
    monotonic_time: (nowMs % 1_000) * 1_000_000,
    orc_time: nowMs / 1_000,
    time: Number(alert.timeNs / 1_000_000n) / 1_000,
    pid,
    level: levels[alert.priority],
    msg: shortened(alert.output, MOST_OUTPUT).split(' ').slice(2),
    args: textAt(fields['proc.cmdline'], MOST_ARGUMENTS),
    container: textAt(fields['container.id'], MOST_ARGUMENTS),
  };
}

function textAt(value: HubAlert['fields'][string] | undefined, most: number): string {
  return typeof value === 'string' ? shortened(value, most) : '';
}
