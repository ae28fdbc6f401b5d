/** The alert itself, to any address. */

import { readyJsonOf } from '@peregrine/alert';
import { choice, schema, url } from '@peregrine/base';
import { defineHttpSink } from '../sink.ts';

export const webhook = defineHttpSink({
  name: 'webhook',
  title: 'Webhook',
  category: 'web',
  doc: 'Posts each alert as JSON to an address.',
  config: schema({
    address: url({ doc: 'Address that takes the alerts.', example: 'https://alerts.example.org/falco' }),
    method: choice(['POST', 'PUT'], { default: 'POST', doc: 'Method of the requests.' }),
  }),
  enabledBy: ['address'],
  request: (alert, config) => ({ method: config.method, url: config.address, json: readyJsonOf(alert) }),
});
