/** Alerts for Falco Talon, which responds to them. */

import { readyJsonOf } from '@peregrine/alert';
import { schema, url } from '@peregrine/base';
import { defineHttpSink } from '../sink.ts';

export const talon = defineHttpSink({
  name: 'talon',
  title: 'Talon',
  category: 'other',
  doc: 'Posts each alert as JSON to Falco Talon.',
  config: schema({
    address: url({ doc: 'Address of Talon.', example: 'http://falco-talon:2803' }),
  }),
  enabledBy: ['address'],
  request: (alert, config) => ({ url: config.address, json: readyJsonOf(alert) }),
});
