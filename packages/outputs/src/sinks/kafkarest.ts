/** Records for Kafka, through its REST proxy. */

import type { HubAlert } from '@peregrine/alert';
import {
  delivered,
  type Infer,
  integer,
  listIn,
  type Outcome,
  objectIn,
  parseObject,
  schema,
  url,
} from '@peregrine/base';
import { defineHttpSink, type HttpRequest } from '../sink.ts';
import type { HttpAnswer } from '../transport/http-answer.ts';
import { fitAlert } from './parts/fit-alert.ts';

/** Kafka takes records of 1 MB where nobody changed that. */
const MOST_RECORD_BYTES = 1_000_000;
const MOST_BATCH_BYTES = 2_000_000;
const MOST_ALERTS = 500;
/** The proxy's code for a failure that may pass. */
const MAY_PASS = 2;

const config = schema({
  address: url({
    doc: 'Address of the proxy, with the topic.',
    example: 'http://kafka-rest-proxy:8082/topics/falco',
  }),
  version: integer({ default: 2, min: 1, max: 2, doc: "Version of the proxy's interface." }),
});
type Config = Infer<typeof config>;

export const kafkarest = defineHttpSink({
  name: 'kafkarest',
  title: 'KafkaRest',
  category: 'queues',
  doc: 'Sends each alert as a record to a topic of Kafka through its REST proxy.',
  config,
  enabledBy: ['address'],
  request: (alert, settings) => requestFor([alert], settings),
  classify: (answer) => outcomesOf(answer, 1)?.[0],
  batch: {
    limits: () => ({ mostAlerts: MOST_ALERTS, mostBytes: MOST_BATCH_BYTES, waitMs: 0 }),
    request: requestFor,
    classify: (answer, alerts) => outcomesOf(answer, alerts.length),
  },
});

function requestFor(alerts: readonly HubAlert[], { address, version }: Config): HttpRequest {
  return {
    url: address,
    headers: { 'content-type': `application/vnd.kafka.binary.v${version}+json` },
    json: {
      records: alerts.map((alert) => ({
        value: Buffer.from(fitAlert(alert, MOST_RECORD_BYTES).json, 'utf8').toString('base64'),
      })),
    },
  };
}

/** The proxy answers 200 whatever Kafka said to each record, and has that in the body. */
function outcomesOf(answer: HttpAnswer, count: number): readonly Outcome[] | undefined {
  if (answer.status !== 200) return undefined;
  const offsets = listIn(parseObject(answer.body)?.offsets);
  return offsets.length === count ? offsets.map(outcomeOf) : undefined;
}

function outcomeOf(record: unknown): Outcome {
  const { error_code: code, error } = objectIn(record) ?? {};
  if (typeof code !== 'number') return delivered;
  const reason = `error ${code}: ${String(error)}`;
  return code === MAY_PASS ? { kind: 'retry', reason, afterMs: undefined } : { kind: 'rejected', reason };
}
