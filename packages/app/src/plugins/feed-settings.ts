/** Settings that plugins which take events over HTTP, from files and sockets have in common. */

import { integer, Secret, secret, text } from '@peregrine/base';
import type { FeedSettings } from '@peregrine/sources/feeds';

export const feedKeys = {
  sslCertificate: text({
    default: '/etc/falco/falco.pem',
    doc: 'File with certificate and key, both as PEM, for `https://`.',
  }),
  maxEventSize: integer({
    default: 262_144,
    min: 1_024,
    max: 67_108_864,
    doc: 'Bytes of an event. Larger ones are left out, counted and told of.',
  }),
  webhookMaxBatchSize: integer({
    default: 12_582_912,
    min: 1_024,
    max: 268_435_456,
    doc: 'Bytes of a request, or of a line. Larger requests get the answer 413.',
  }),
  client_authority: text({
    default: '',
    doc: 'File with the authorities whose client certificates are let in, for `https://`; none is asked for unless set. Not in the reference.',
  }),
  bearer_token: secret({
    default: new Secret(''),
    doc: 'What requests must carry as `Authorization: Bearer`; nothing unless set. Not in the reference.',
  }),
  max_waiting_bytes: integer({
    default: 67_108_864,
    min: 1_024,
    max: 4_294_967_296,
    doc: 'Bytes of requests that may wait until their alerts are out. When there are more, requests get the answer 429. Not in the reference.',
  }),
  answer_within_ms: integer({
    default: 25_000,
    min: 100,
    max: 600_000,
    doc: 'A request whose alerts are not out by then gets the answer 503; senders have limits of their own. Not in the reference.',
  }),
};

interface Values {
  readonly sslCertificate: string;
  readonly maxEventSize: number;
  readonly webhookMaxBatchSize: number;
  readonly client_authority: string;
  readonly bearer_token: Secret;
  readonly max_waiting_bytes: number;
  readonly answer_within_ms: number;
}

export function feedSettings(values: Values): FeedSettings {
  return {
    certificate: values.sslCertificate,
    clientAuthority: values.client_authority,
    bearerToken: values.bearer_token.reveal(),
    mostEventBytes: values.maxEventSize,
    mostBodyBytes: values.webhookMaxBatchSize,
    mostWaitingBytes: values.max_waiting_bytes,
    answerWithinMs: values.answer_within_ms,
  };
}
