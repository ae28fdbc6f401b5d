/** As `strict-apis.test.ts`, for stores of logs, queues and collectors. */

import type { HubAlert } from '@peregrine/alert';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anyAlert } from '../../testing/any-alert.ts';
import {
  chronicleApi,
  datastreamsApi,
  elasticsearchApi,
  eventhubApi,
  influxdbApi,
  lokiApi,
  otlpApi,
  pubsubApi,
  splunkApi,
  wavefrontApi,
} from '../../testing/apis/stores.ts';
import type { StrictApi } from '../../testing/apis/strict-body.ts';
import { type HttpReceiver, openHttpReceiver } from '../../testing/http-receiver.ts';
import { hugeAlert, sampleAlerts } from '../../testing/sample-alerts.ts';
import { outcomesOf, settingsOf, type Written } from '../../testing/sink-contract.ts';
import type { Sink } from '../sink.ts';
import { azureEventhub } from './azure-eventhub.ts';
import { elasticsearch } from './elasticsearch.ts';
import { gcpChronicle } from './gcp-chronicle.ts';
import { gcpPubsub } from './gcp-pubsub.ts';
import { influxdb } from './influxdb.ts';
import { loki } from './loki.ts';
import { otlpLogs } from './otlp-logs.ts';
import { otlpTraces } from './otlp-traces.ts';
import { splunk } from './splunk.ts';
import { wavefront } from './wavefront.ts';
import { yandexDatastreams } from './yandex-datastreams.ts';

const cases: readonly (readonly [name: string, sink: Sink, written: Written, api: StrictApi])[] = [
  ['Loki', loki, { extralabels: 'a.b,proc.name' }, lokiApi],
  ['Loki, alerts as JSON', loki, { format: 'json' }, lokiApi],
  ['Elasticsearch', elasticsearch, {}, elasticsearchApi],
  ['Elasticsearch, flat', elasticsearch, { flattenfields: 'true' }, elasticsearchApi],
  ['Splunk', splunk, { token: 'x' }, splunkApi],
  ['InfluxDB', influxdb, {}, influxdbApi],
  ['Wavefront', wavefront, {}, wavefrontApi],
  ['logs of OpenTelemetry', otlpLogs, {}, otlpApi],
  ['traces of OpenTelemetry', otlpTraces, {}, otlpApi],
  ['Pub/Sub', gcpPubsub, { customattributes: { env: 'prod' } }, pubsubApi],
  ['Chronicle', gcpChronicle, {}, chronicleApi],
  ['Event Hubs', azureEventhub, {}, eventhubApi],
  ['streams of Yandex', yandexDatastreams, {}, datastreamsApi],
];

let receiver: HttpReceiver;
beforeAll(async () => {
  receiver = await openHttpReceiver();
});
afterAll(() => receiver.close());

describe.each(cases)('%s', (_name, sink, written, api) => {
  const settings = settingsOf(sink, written);

  async function refusalsOf(alert: HubAlert) {
    receiver.answer(api);
    const outcomes = await outcomesOf(settings, alert, receiver);
    return outcomes.filter(({ kind }) => kind !== 'delivered');
  }

  test.each(sampleAlerts)('takes the alert %s', async (_title, alert) => {
    expect(await refusalsOf(alert)).toEqual([]);
  });

  test.each([
    [200, 2_000],
    [2_000, 50],
    [1, 500_000],
  ])('takes %i fields with texts of %i', async (fieldCount, textLength) => {
    expect(await refusalsOf(hugeAlert(fieldCount, textLength))).toEqual([]);
  });

  test('takes any alert', async () => {
    await fc.assert(
      fc.asyncProperty(anyAlert, async (alert) => {
        expect(await refusalsOf(alert)).toEqual([]);
      }),
      { numRuns: 15 },
    );
  });
});
