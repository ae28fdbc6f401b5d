/** Documents for OpenObserve. */

import { readyJsonOf } from '@peregrine/alert';
import { listIn, objectIn, parseObject, Secret, schema, secret, text, textIn, url } from '@peregrine/base';
import { defineHttpSink } from '../sink.ts';
import { below } from './parts/address.ts';
import { basicAuth } from './parts/basic-auth.ts';

export const openobserve = defineHttpSink({
  name: 'openobserve',
  title: 'OpenObserve',
  category: 'logs',
  doc: 'Stores each alert as a document in OpenObserve.',
  config: schema({
    hostport: url({ doc: 'Address of the server.', example: 'http://openobserve:5080' }),
    organizationname: text({ default: 'default', doc: 'Organisation that the stream belongs to.' }),
    streamname: text({ default: 'falco', doc: 'Stream of the documents.' }),
    username: text({ default: '', doc: 'User that stores the documents.' }),
    password: secret({ default: new Secret(''), doc: 'Password of the user.' }),
  }),
  enabledBy: ['hostport'],
  request: (alert, config) => ({
    url: below(config.hostport, 'api', config.organizationname, config.streamname, '_multi'),
    headers: basicAuth(config.username, config.password),
    json: readyJsonOf(alert),
  }),
  // It says 200, too, where it took none of the documents.
  classify: ({ status, body }) => {
    const streams = status === 200 ? listIn(parseObject(body)?.status).map(objectIn) : [];
    const failed = streams.find((stream) => Number(stream?.failed) > 0);
    return (
      failed && { kind: 'rejected', reason: `not taken: ${textIn(failed.error) || 'no reason is given'}` }
    );
  },
});
