/** Objects in a bucket of Google Cloud Storage. */

import { delivered, schema, text } from '@peregrine/base';
import { defineHttpSink } from '../sink.ts';
import { query } from './parts/address.ts';
import { endpointKey, googleClient, googleSection, googleUrl } from './parts/google.ts';
import { objectName } from './parts/object-name.ts';

export const gcpStorage = defineHttpSink({
  name: 'gcp.storage',
  title: 'GCPStorage',
  category: 'storage',
  doc: 'Puts each alert as an object into a bucket of Google Cloud Storage.',
  shared: googleSection,
  config: schema({
    bucket: text({ default: '', doc: 'Name of the bucket.', example: 'falco-alerts' }),
    prefix: text({ default: '', doc: 'Beginning of the names of objects.' }),
    endpoint: endpointKey('Cloud Storage'),
  }),
  enabledBy: ['bucket'],
  request: (alert, { bucket, prefix, endpoint }, { deliveryId }) => {
    const url = googleUrl(
      endpoint,
      'https://storage.googleapis.com',
      'upload',
      'storage',
      'v1',
      'b',
      bucket,
      'o',
    );
    const name = objectName(prefix, alert, deliveryId);
    return {
      // Made only where there is none of that name: nothing is written over.
      url: `${url}${query({ uploadType: 'media', name, ifGenerationMatch: '0' })}`,
      headers: { 'content-type': 'application/json' },
      body: alert.json,
    };
  },
  // An earlier attempt had come through.
  classify: ({ status }) => (status === 412 ? delivered : undefined),
  client: ({ shared }, context) => googleClient(shared, context),
});
