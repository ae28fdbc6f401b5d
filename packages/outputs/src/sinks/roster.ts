/**
 * All outputs of the hub, in the order in which `Enabled Outputs` names them. What Falcosidekick calls Prometheus, StatsD
 * and DogStatsD is not here: they are about the hub itself, not about alerts.
 */

import type { Sink } from '../sink.ts';
import { alertmanager } from './alertmanager.ts';
import { awsCloudwatchLogs } from './aws-cloudwatch-logs.ts';
import { awsKinesis } from './aws-kinesis.ts';
import { awsLambda } from './aws-lambda.ts';
import { awsS3 } from './aws-s3.ts';
import { awsSecuritylake } from './aws-securitylake.ts';
import { awsSns } from './aws-sns.ts';
import { awsSqs } from './aws-sqs.ts';
import { azureEventhub } from './azure-eventhub.ts';
import { cliq } from './cliq.ts';
import { cloudevents } from './cloudevents.ts';
import { datadog } from './datadog.ts';
import { datadoglogs } from './datadoglogs.ts';
import { discord } from './discord.ts';
import { dynatrace } from './dynatrace.ts';
import { elasticsearch } from './elasticsearch.ts';
import { fission } from './fission.ts';
import { gcpChronicle } from './gcp-chronicle.ts';
import { gcpCloudfunctions } from './gcp-cloudfunctions.ts';
import { gcpCloudrun } from './gcp-cloudrun.ts';
import { gcpPubsub } from './gcp-pubsub.ts';
import { gcpStorage } from './gcp-storage.ts';
import { googlechat } from './googlechat.ts';
import { gotify } from './gotify.ts';
import { grafana } from './grafana.ts';
import { grafanaoncall } from './grafanaoncall.ts';
import { influxdb } from './influxdb.ts';
import { kafka } from './kafka.ts';
import { kafkarest } from './kafkarest.ts';
import { kubeless } from './kubeless.ts';
import { logstash } from './logstash.ts';
import { loki } from './loki.ts';
import { mattermost } from './mattermost.ts';
import { mqtt } from './mqtt.ts';
import { n8n } from './n8n.ts';
import { nats } from './nats.ts';
import { nodered } from './nodered.ts';
import { openfaas } from './openfaas.ts';
import { openobserve } from './openobserve.ts';
import { openwhisk } from './openwhisk.ts';
import { opsgenie } from './opsgenie.ts';
import { otlpLogs } from './otlp-logs.ts';
import { otlpMetrics } from './otlp-metrics.ts';
import { otlpTraces } from './otlp-traces.ts';
import { pagerduty } from './pagerduty.ts';
import { policyreport } from './policyreport.ts';
import { quickwit } from './quickwit.ts';
import { rabbitmq } from './rabbitmq.ts';
import { redis } from './redis.ts';
import { rocketchat } from './rocketchat.ts';
import { slack } from './slack.ts';
import { smtp } from './smtp.ts';
import { splunk } from './splunk.ts';
import { spyderbat } from './spyderbat.ts';
import { stan } from './stan.ts';
import { sumologic } from './sumologic.ts';
import { syslog } from './syslog.ts';
import { talon } from './talon.ts';
import { teams } from './teams.ts';
import { tekton } from './tekton.ts';
import { telegram } from './telegram.ts';
import { timescaledb } from './timescaledb.ts';
import { wavefront } from './wavefront.ts';
import { webex } from './webex.ts';
import { webhook } from './webhook.ts';
import { webui } from './webui.ts';
import { yandexDatastreams } from './yandex-datastreams.ts';
import { yandexS3 } from './yandex-s3.ts';
import { zincsearch } from './zincsearch.ts';

export const sinkRoster: readonly Sink[] = [
  slack,
  cliq,
  rocketchat,
  mattermost,
  teams,
  webex,
  datadog,
  datadoglogs,
  discord,
  alertmanager,
  elasticsearch,
  quickwit,
  loki,
  sumologic,
  nats,
  stan,
  influxdb,
  awsLambda,
  awsSqs,
  awsSns,
  awsCloudwatchLogs,
  awsS3,
  awsSecuritylake,
  awsKinesis,
  smtp,
  opsgenie,
  webhook,
  nodered,
  cloudevents,
  googlechat,
  kafka,
  kafkarest,
  pagerduty,
  kubeless,
  webui,
  policyreport,
  openfaas,
  openwhisk,
  tekton,
  rabbitmq,
  wavefront,
  fission,
  grafana,
  grafanaoncall,
  syslog,
  mqtt,
  zincsearch,
  gotify,
  spyderbat,
  redis,
  telegram,
  n8n,
  openobserve,
  dynatrace,
  otlpTraces,
  otlpLogs,
  otlpMetrics,
  talon,
  splunk,
  logstash,
  timescaledb,
  gcpPubsub,
  gcpStorage,
  gcpCloudfunctions,
  gcpCloudrun,
  gcpChronicle,
  azureEventhub,
  yandexS3,
  yandexDatastreams,
];
