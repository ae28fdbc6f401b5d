/** Records for Yandex Data Streams, in the protocol of Amazon Kinesis. */

import { type Encodable, encodeJson, type HubAlert } from '@peregrine/alert';
import {
  delivered,
  type Infer,
  listIn,
  type Outcome,
  objectIn,
  parseObject,
  schema,
  text,
  textIn,
  url,
} from '@peregrine/base';
import { defineHttpSink, type HttpRequest } from '../sink.ts';
import { type HttpAnswer, reasonOf } from '../transport/http-answer.ts';
import { fitAlert } from './parts/fit-alert.ts';
import { withoutKey, yandexClient, yandexSection } from './parts/yandex.ts';

/** A record holds 1 MiB with its key. */
const MOST_RECORD_BYTES = 1024 * 1024 - 256;
/** Errors with status 400 that are about the records; all others are about the stream, the moment or us. */
const aboutTheRecords = /\b(?:ValidationException|SerializationException|InvalidArgumentException)\b/;

const config = schema({
  streamname: text({
    default: '',
    doc: 'Name of the stream, with the path of its database.',
    example: '/ru-central1/b1g/etn/falco',
  }),
  endpoint: url({ default: 'https://yds.serverless.yandexcloud.net', doc: 'Address of the service.' }),
});
type Config = Infer<typeof config>;

export const yandexDatastreams = defineHttpSink({
  name: 'yandex.datastreams',
  title: 'YandexDataStreams',
  category: 'queues',
  doc: 'Puts each alert as a record into a stream of Yandex Data Streams.',
  shared: yandexSection,
  config,
  enabledBy: ['streamname'],
  refuses: ({ shared }) => withoutKey(shared, 'streamname'),
  request: (alert, settings) =>
    asking('PutRecord', { StreamName: settings.streamname, ...recordOf(alert) }, settings),
  batch: {
    limits: () => ({ mostAlerts: 500, mostBytes: 3_000_000, waitMs: 100 }),
    triesAlone: true,
    request: (alerts, settings) =>
      asking('PutRecords', { StreamName: settings.streamname, Records: alerts.map(recordOf) }, settings),
    classify: classifyRecords,
  },
  classify: classifyRequest,
  client: ({ shared }, context) => yandexClient('kinesis', shared, context),
});

function asking(operation: string, json: Encodable, { endpoint }: Config): HttpRequest {
  return {
    url: endpoint,
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `Kinesis_20131202.${operation}`,
    },
    body: encodeJson(json),
  };
}

/** COMPAT: the key is a UUID, which spreads alerts over the shards. */
function recordOf(alert: HubAlert): { readonly Data: string; readonly PartitionKey: string } {
  const { json } = fitAlert(alert, MOST_RECORD_BYTES);
  return { Data: Buffer.from(json, 'utf8').toString('base64'), PartitionKey: alert.uuid };
}

function classifyRequest(answer: HttpAnswer): Outcome | undefined {
  return answer.status === 400 && !aboutTheRecords.test(answer.body)
    ? { kind: 'retry', reason: reasonOf(answer), afterMs: undefined }
    : undefined;
}

/** Those that found no room in their shard are sent again. */
function classifyRecords(
  answer: HttpAnswer,
  alerts: readonly HubAlert[],
): readonly Outcome[] | Outcome | undefined {
  if (answer.status !== 200) return classifyRequest(answer);
  const records = listIn(parseObject(answer.body)?.Records).map(objectIn);
  if (records.length !== alerts.length) {
    return { kind: 'retry', reason: 'the answer does not tell of each record', afterMs: undefined };
  }
  return records.map((record) => {
    const code = textIn(record?.ErrorCode);
    const reason = `${code}: ${textIn(record?.ErrorMessage)}`;
    return code === '' ? delivered : { kind: 'retry', reason, afterMs: undefined };
  });
}
