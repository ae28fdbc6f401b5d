/** The alert itself, to a service of Google Cloud Run. */

import { readyJsonOf } from '@peregrine/alert';
import { Secret, schema, secret, url } from '@peregrine/base';
import { defineHttpSink } from '../sink.ts';
import { callTimeoutKey, classifyCall } from './parts/function-call.ts';
import { googleSection } from './parts/google.ts';

export const gcpCloudrun = defineHttpSink({
  name: 'gcp.cloudrun',
  title: 'GCPCloudRun',
  category: 'functions',
  doc: 'Posts each alert to a service of Google Cloud Run.',
  shared: googleSection,
  config: schema({
    endpoint: url({ doc: 'Address of the service.', example: 'https://falco-xxxx-ew.a.run.app' }),
    jwt: secret({
      default: new Secret(''),
      doc: 'Identity token that may call the service.',
      example: 'ey...',
    }),
    timeout: callTimeoutKey(),
  }),
  enabledBy: ['endpoint', 'jwt'],
  request: (alert, config) => ({
    url: config.endpoint,
    headers: { authorization: `Bearer ${config.jwt.reveal()}` },
    json: readyJsonOf(alert),
  }),
  classify: classifyCall,
});
