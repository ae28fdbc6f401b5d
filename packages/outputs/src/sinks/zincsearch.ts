/** Documents for ZincSearch. */

import { readyJsonOf } from '@peregrine/alert';
import { Secret, schema, secret, text, url } from '@peregrine/base';
import { defineHttpSink } from '../sink.ts';
import { below } from './parts/address.ts';
import { basicAuth } from './parts/basic-auth.ts';

export const zincsearch = defineHttpSink({
  name: 'zincsearch',
  title: 'Zincsearch',
  category: 'logs',
  doc: 'Stores each alert as a document in ZincSearch.',
  config: schema({
    hostport: url({ doc: 'Address of the server.', example: 'http://zincsearch:4080' }),
    index: text({ default: 'falco', doc: 'Index of the documents.' }),
    username: text({ default: '', doc: 'User that stores the documents.' }),
    password: secret({ default: new Secret(''), doc: 'Password of the user.' }),
  }),
  enabledBy: ['hostport'],
  request: (alert, config) => ({
    url: below(config.hostport, 'api', config.index, '_doc'),
    headers: basicAuth(config.username, config.password),
    json: readyJsonOf(alert),
  }),
});
