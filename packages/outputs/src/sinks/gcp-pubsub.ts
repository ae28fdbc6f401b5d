/** Messages for a topic of Google Pub/Sub. */

import type { Encodable, HubAlert } from '@peregrine/alert';
import { type Infer, schema, text, textMap } from '@peregrine/base';
import { defineHttpSink, type HttpRequest } from '../sink.ts';
import { fitAlert } from './parts/fit-alert.ts';
import { endpointKey, googleClient, googleSection, googleUrl, methodUrl } from './parts/google.ts';

/** Pub/Sub takes 10 MB in one request; base64 takes a third more than what it encodes. */
const MOST_ALERT_BYTES = 6_000_000;

const config = schema({
  projectid: text({ default: '', doc: 'Project of the topic.', example: 'my-project' }),
  topic: text({ default: '', doc: 'Name of the topic.', example: 'falco' }),
  customattributes: textMap({ default: {}, doc: 'Attributes of each message.', example: 'env:prod' }),
  endpoint: endpointKey('Pub/Sub'),
});
type Config = Infer<typeof config>;

export const gcpPubsub = defineHttpSink({
  name: 'gcp.pubsub',
  title: 'GCPPubSub',
  category: 'queues',
  doc: 'Publishes each alert as a message to a topic of Google Pub/Sub.',
  shared: googleSection,
  config,
  enabledBy: ['projectid', 'topic'],
  request: (alert, settings) => publishing([alert], settings),
  batch: {
    limits: () => ({ mostAlerts: 500, mostBytes: 1_000_000, waitMs: 20 }),
    triesAlone: true,
    request: publishing,
  },
  client: ({ shared }, context) => googleClient(shared, context),
});

function publishing(alerts: readonly HubAlert[], settings: Config): HttpRequest {
  const { endpoint, projectid, topic, customattributes } = settings;
  const url = googleUrl(
    endpoint,
    'https://pubsub.googleapis.com',
    'v1',
    'projects',
    projectid,
    'topics',
    topic,
  );
  return {
    url: methodUrl(url, 'publish'),
    json: { messages: alerts.map((alert) => messageOf(alert, customattributes)) },
  };
}

function messageOf(alert: HubAlert, attributes: Config['customattributes']): Encodable {
  const { json } = fitAlert(alert, MOST_ALERT_BYTES);
  return {
    data: Buffer.from(json, 'utf8').toString('base64'),
    attributes: Object.keys(attributes).length === 0 ? undefined : attributes,
  };
}
