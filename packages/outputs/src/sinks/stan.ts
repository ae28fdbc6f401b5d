/** NATS Streaming, which nobody keeps up any more: its settings are read, to say what to use instead. */

import { Fault, schema, text } from '@peregrine/base';
import { defineClientSink } from '../sink.ts';
import { subjectTemplate } from './parts/nats-subject.ts';

const RETIRED =
  'is for NATS Streaming, which has ended: no client for it is kept up, so set `nats.hostport` and `nats.jetstream` instead';

export const stan = defineClientSink({
  name: 'stan',
  title: 'STAN',
  category: 'queues',
  doc: 'Is refused: NATS Streaming has ended, and the output `nats` with `jetstream` takes its place.',
  retired: RETIRED,
  config: schema({
    hostport: text({ default: '', doc: 'Address of the server.', example: 'nats://stan:4222' }),
    clusterid: text({ default: '', doc: 'Id of the cluster.', example: 'falco' }),
    clientid: text({ default: '', doc: 'Id of the client.', example: 'falcosidekick' }),
    subjecttemplate: subjectTemplate(),
  }),
  enabledBy: ['hostport', 'clusterid', 'clientid'],
  hasTls: true,
  hasConcurrency: true,
  open: () => Promise.reject(new Fault('output-unavailable', `\`stan\` ${RETIRED}`)),
});
