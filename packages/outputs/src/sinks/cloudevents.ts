/** Events for whatever takes CloudEvents over HTTP, such as a broker of Knative. */

import { readyJsonOf } from '@peregrine/alert';
import { schema, textMap, url } from '@peregrine/base';
import { defineHttpSink } from '../sink.ts';
import { cloudEventHeaders } from './parts/cloud-event.ts';

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
    headers: { 'content-type': 'application/json', ...cloudEventHeaders(alert, config.extensions) },
    json: readyJsonOf(alert),
  }),
});
