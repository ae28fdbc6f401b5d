/** Alerts for Node-RED. */

import { readyJsonOf } from '@peregrine/alert';
import { Secret, schema, secret, text, url } from '@peregrine/base';
import { defineHttpSink } from '../sink.ts';
import { basicAuth, refusesHalf } from './parts/basic-auth.ts';

export const nodered = defineHttpSink({
  name: 'nodered',
  title: 'NodeRed',
  category: 'other',
  doc: 'Posts each alert as JSON to a flow of Node-RED.',
  config: schema({
    address: url({ doc: 'Address of the `http in` node.', example: 'http://node-red:1880/falco' }),
    user: text({ default: '', doc: 'User, where the node wants one.' }),
    password: secret({ default: new Secret(''), doc: 'Password of the user.' }),
  }),
  enabledBy: ['address'],
  refuses: (config) => refusesHalf(config),
  request: (alert, config) => ({
    url: config.address,
    headers: basicAuth(config.user, config.password),
    json: readyJsonOf(alert),
  }),
});
