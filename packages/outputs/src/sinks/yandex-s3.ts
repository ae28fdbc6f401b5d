/** Objects in a bucket of Yandex Object Storage. */

import { schema, text, url } from '@peregrine/base';
import { defineHttpSink } from '../sink.ts';
import { reasonOf } from '../transport/http-answer.ts';
import { below } from './parts/address.ts';
import { objectName } from './parts/object-name.ts';
import { withoutKey, yandexClient, yandexSection } from './parts/yandex.ts';

export const yandexS3 = defineHttpSink({
  name: 'yandex.s3',
  title: 'YandexS3',
  category: 'storage',
  doc: 'Puts each alert as an object into a bucket of Yandex Object Storage.',
  shared: yandexSection,
  config: schema({
    bucket: text({ default: '', doc: 'Name of the bucket.', example: 'falco-alerts' }),
    prefix: text({ default: 'falco', doc: 'Beginning of the names of objects.' }),
    endpoint: url({ default: 'https://storage.yandexcloud.net', doc: 'Address of the service.' }),
  }),
  enabledBy: ['bucket'],
  refuses: ({ shared }) => withoutKey(shared, 'bucket'),
  request: (alert, { bucket, prefix, endpoint }, { deliveryId }) => ({
    method: 'PUT',
    url: below(endpoint, bucket, ...objectName(prefix, alert, deliveryId).split('/')),
    headers: { 'content-type': 'application/json' },
    body: alert.json,
  }),
  // All that is wrong with a request comes as 400; these are about the moment or the account.
  classify: (answer) =>
    answer.status === 400 &&
    /<Code>(?:RequestTimeout|ExpiredToken|InvalidToken|RequestTimeTooSkewed|AuthorizationHeaderMalformed)</.test(
      answer.body,
    )
      ? { kind: 'retry', reason: reasonOf(answer), afterMs: undefined }
      : undefined,
  client: ({ shared }, context) => yandexClient('s3', shared, context),
});
