/** Settings that plugins which take events over HTTP, from files, sockets and queues have in common. */

import { choice, integer, Secret, secret, text } from '@peregrine/base';
import type { FeedSettings, QueueSettings } from '@peregrine/sources/feeds';

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
  request_within_ms: integer({
    default: 30_000,
    min: 100,
    max: 600_000,
    doc: 'A request that has not come whole by then gets the answer 408, and its connection is closed. Not in the reference.',
  }),
};

/** For plugins that also read services which keep messages. */
export const queueKeys = {
  group: text({
    default: 'peregrine',
    doc: 'Of `kafka://` the consumer group, of `nats://` the queue group, or the durable consumer of a stream: each message goes to one program of the group. Not in the reference.',
  }),
  stream: text({
    default: '',
    doc: 'Stream of JetStream that the subject of `nats://` is in; its messages are acknowledged when their alerts are out. Absent, the subject is read without: then NATS keeps nothing, and what cannot be taken at once is lost. Not in the reference.',
  }),
  start_at: choice(['newest', 'oldest'], {
    default: 'newest',
    doc: 'Where a group begins that has read nothing yet. Not in the reference.',
  }),
  user: text({ default: '', doc: 'User at NATS or Kafka; nobody unless set. Not in the reference.' }),
  password: secret({
    default: new Secret(''),
    doc: 'Password of the user; without a user, token of NATS. Not in the reference.',
  }),
  sasl_mechanism: choice(['plain', 'scram-sha-256', 'scram-sha-512'], {
    default: 'plain',
    doc: 'How the user is proved to Kafka. Not in the reference.',
  }),
  credentials_file: text({
    default: '',
    doc: 'Credentials file of NATS (`.creds`). Not in the reference.',
  }),
  server_authority: text({
    default: '',
    doc: 'File with the authorities that may have signed the certificate of a server of `nats+tls://` or `kafka+tls://`; absent, those that Node knows. Not in the reference.',
  }),
  client_certificate: text({
    default: '',
    doc: 'File with certificate and key, both as PEM, to show to such a server. Not in the reference.',
  }),
};

interface QueueValues {
  readonly group: string;
  readonly stream: string;
  readonly start_at: 'newest' | 'oldest';
  readonly user: string;
  readonly password: Secret;
  readonly sasl_mechanism: QueueSettings['saslMechanism'];
  readonly credentials_file: string;
  readonly server_authority: string;
  readonly client_certificate: string;
}

interface Values {
  readonly sslCertificate: string;
  readonly maxEventSize: number;
  readonly webhookMaxBatchSize: number;
  readonly client_authority: string;
  readonly bearer_token: Secret;
  readonly max_waiting_bytes: number;
  readonly answer_within_ms: number;
  readonly request_within_ms: number;
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
    requestWithinMs: values.request_within_ms,
  };
}

export function feedSettingsWithQueue(values: Values & QueueValues): FeedSettings {
  return {
    ...feedSettings(values),
    queue: {
      group: values.group,
      stream: values.stream,
      startAt: values.start_at,
      user: values.user,
      password: values.password.reveal(),
      saslMechanism: values.sasl_mechanism,
      credentialsFile: values.credentials_file,
      serverAuthority: values.server_authority,
      clientCertificate: values.client_certificate,
    },
  };
}
