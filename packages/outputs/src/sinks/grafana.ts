/** Annotations for Grafana. */

import { encodeText, type HubAlert, textOfValue } from '@peregrine/alert';
import { flag, type Infer, integer, schema, secret, url } from '@peregrine/base';
import { defineHttpSink } from '../sink.ts';
import { joined } from './parts/address.ts';
import { shortened } from './parts/chat.ts';

/** What Grafana takes: code units of a tag, and of the text of an annotation in its smallest database. */
const MOST_TAG = 100;
const MOST_TEXT = 65_000;

const config = schema({
  hostport: url({ doc: 'Address of Grafana.', example: 'https://grafana.example.org' }),
  dashboardid: integer({ default: 0, min: 0, doc: 'Dashboard that has the annotations; 0 is all.' }),
  panelid: integer({ default: 0, min: 0, doc: 'Panel that has the annotations; 0 is all.' }),
  apikey: secret({ doc: 'Token of a service account.', example: 'glsa_XXXX' }),
  allfieldsastags: flag({
    default: false,
    doc: 'Make tags of the values of all fields, and of the tags of alerts.',
  }),
  tagslength: integer({
    default: 500,
    min: 200,
    doc: 'How long all tags may be; more than `tags_length` of `[annotations]` in grafana.ini is refused there.',
  }),
});
type Config = Infer<typeof config>;

export const grafana = defineHttpSink({
  name: 'grafana',
  title: 'Grafana',
  category: 'logs',
  doc: 'Sends each alert as an annotation to Grafana.',
  config,
  enabledBy: ['hostport', 'apikey'],
  request: (alert, settings) => {
    const timeMs = alert.timeNs / 1_000_000n;
    return {
      url: joined(settings.hostport, '/api/annotations'),
      headers: { 'content-type': 'application/json', authorization: `Bearer ${settings.apikey.reveal()}` },
      json: {
        dashboardId: settings.dashboardid || undefined,
        panelId: settings.panelid || undefined,
        time: timeMs,
        timeEnd: timeMs,
        tags: tagsOf(alert, settings),
        text: shortened(alert.output, MOST_TEXT),
      },
    };
  },
});

/** Those that fit, each once, the more telling ones first. Grafana counts them as a JSON list. */
function tagsOf(alert: HubAlert, { allfieldsastags, tagslength }: Config): readonly string[] {
  const all = [
    'falco',
    alert.priority,
    alert.rule,
    alert.source,
    alert.hostname,
    ...(allfieldsastags ? [...Object.values(alert.fields).map(textOfValue), ...alert.tags] : []),
  ].map((tag) => shortened(tag, MOST_TAG));
  const tags = new Set<string>();
  let room = tagslength - 2;
  for (const tag of all) {
    const size = Buffer.byteLength(encodeText(tag)) + 1;
    if (tag === '' || tags.has(tag) || size > room) continue;
    room -= size;
    tags.add(tag);
  }
  return [...tags];
}
