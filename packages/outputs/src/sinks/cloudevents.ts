/** Events for whatever takes CloudEvents over HTTP, such as a broker of Knative. */

import { type HubAlert, readyJsonOf } from '@peregrine/alert';
import { schema, textMap, url } from '@peregrine/base';
import { defineHttpSink } from '../sink.ts';
import { shortened } from './parts/chat.ts';

/** UTF-16 units: servers take a few KB of headers. */
const MOST_ATTRIBUTE = 512;

/** Attributes that the event has anyway, and a name that no attribute may have. */
const taken = new Set([
  'specversion',
  'type',
  'source',
  'id',
  'time',
  'subject',
  'datacontenttype',
  'dataschema',
  'data',
]);

export const cloudevents = defineHttpSink({
  name: 'cloudevents',
  title: 'CloudEvents',
  category: 'functions',
  doc: 'Sends each alert as a CloudEvent over HTTP.',
  config: schema({
    address: url({
      doc: 'Address that takes the events.',
      example: 'http://broker-ingress.knative-eventing.svc.cluster.local/default/default',
    }),
    extensions: textMap({
      default: {},
      doc: 'Attributes to add to each event; their names are lower-case letters and digits.',
      example: 'cluster:production',
    }),
  }),
  enabledBy: ['address'],
  refuses: ({ extensions }) =>
    Object.keys(extensions)
      .map((name) => name.toLowerCase())
      .flatMap((name) => {
        if (taken.has(name))
          return [{ key: 'extensions', why: `has \`${name}\`, which each event has already` }];
        return /^[a-z0-9]+$/.test(name)
          ? []
          : [{ key: 'extensions', why: `has \`${name}\`, which is no name of an attribute` }];
      }),
  request: (alert, config) => ({
    url: config.address,
    headers: { 'content-type': 'application/json', ...attributesOf(alert, config.extensions) },
    json: readyJsonOf(alert),
  }),
});

function attributesOf(
  alert: HubAlert,
  extensions: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const attributes = {
    specversion: '1.0',
    id: alert.uuid,
    source: 'https://falco.org',
    type: 'falco.rule.output.v1',
    time: alert.time,
    priority: alert.priority,
    rule: shortened(alert.rule, MOST_ATTRIBUTE),
    eventsource: shortened(alert.source, MOST_ATTRIBUTE),
    ...(alert.hostname === '' ? {} : { hostname: shortened(alert.hostname, MOST_ATTRIBUTE) }),
    ...extensions,
  };
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [`ce-${name.toLowerCase()}`, headerText(value)]),
  );
}

/**
 * As the binding for HTTP has it: what is not printable ASCII, quotes and percent signs are percent-encoded. COMPAT: blanks
 * are not, unless they would be lost: receivers that compare a rule's name, such as triggers of Knative, do not decode it.
 */
function headerText(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^ -~]|["%]|^ | $/gu, (char) =>
      [...Buffer.from(char, 'utf8')]
        .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
        .join(''),
    );
}
