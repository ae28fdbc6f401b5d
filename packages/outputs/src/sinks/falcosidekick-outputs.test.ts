/** Every output that Falcosidekick has is here, under its name, with what people need to use it. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sinkRoster } from './roster.ts';

const root = join(import.meta.dirname, '../../../..');

/** Sections of its configuration. */
const sections =
  'slack rocketchat mattermost teams webex discord googlechat cliq telegram datadog datadoglogs influxdb statsd dogstatsd prometheus wavefront spyderbat timescaledb dynatrace otlp.metrics otlp.traces otlp.logs alertmanager opsgenie pagerduty grafana grafanaoncall elasticsearch quickwit loki sumologic openobserve zincsearch splunk syslog logstash aws.cloudwatchlogs aws.s3 aws.lambda aws.sqs aws.sns aws.kinesis aws.securitylake gcp.pubsub gcp.storage gcp.cloudfunctions gcp.cloudrun gcp.chronicle azure.eventhub kubeless openfaas fission cloudevents tekton nats stan kafka kafkarest rabbitmq mqtt gotify yandex.s3 yandex.datastreams smtp redis webhook nodered n8n webui policyreport talon'.split(
    ' ',
  );
/** Those that it has not. */
const added = ['openwhisk'];
/** About the hub itself: their keys are the hub's. */
const ofHub = ['statsd', 'dogstatsd', 'prometheus'];

test('there are all 71, and few others', () => {
  expect(sections).toHaveLength(71);
  expect([...sinkRoster.map(({ name }) => name), ...ofHub].toSorted()).toEqual(
    [...sections, ...added].toSorted(),
  );
});

test('each is in the reference', () => {
  const outputs = readFileSync(join(root, 'docs/reference/outputs.md'), 'utf8');
  const hub = readFileSync(join(root, 'docs/reference/hub.md'), 'utf8');
  for (const { title } of sinkRoster) expect(outputs).toContain(`\n## ${title}\n`);
  for (const name of ofHub) expect(hub).toContain(`| \`${name}.`);
});

test('each has what it sends on record, or a test with a server of its kind', () => {
  const recorded = new Set(readdirSync(join(root, 'corpora/sinks')));
  const usable = sinkRoster.filter(({ retired }) => retired === undefined);
  const others = usable.filter(({ name }) => !recorded.has(name)).map(({ name }) => name);
  expect(others.toSorted()).toEqual(['logstash', 'otlp.metrics', 'policyreport', 'timescaledb']);
  for (const file of ['logstash', 'otlp', 'kubernetes', 'timescaledb']) {
    expect(existsSync(join(import.meta.dirname, `${file}.test.ts`))).toBe(true);
  }
});
