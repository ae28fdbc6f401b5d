/** Whatever an alert says, destinations take it: their interfaces here refuse what their documentation does not allow. */

import type { HubAlert } from '@peregrine/alert';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anyAlert } from '../../testing/any-alert.ts';
import { datadogApi, datadoglogsApi, opsgenieApi, pagerdutyApi } from '../../testing/apis/alerting.ts';
import {
  connectorApi,
  discordApi,
  googlechatApi,
  slackApi,
  telegramApi,
  webexApi,
  workflowApi,
} from '../../testing/apis/chats.ts';
import {
  alertApi,
  cliqApi,
  cloudeventsApi,
  dynatraceApi,
  gotifyApi,
  grafanaApi,
  kafkarestApi,
  oncallApi,
  slackLikeApi,
  spyderbatApi,
  webuiApi,
} from '../../testing/apis/others.ts';
import type { StrictApi } from '../../testing/apis/strict-body.ts';
import { type HttpReceiver, openHttpReceiver } from '../../testing/http-receiver.ts';
import { hugeAlert, sampleAlerts } from '../../testing/sample-alerts.ts';
import {
  answerOf,
  batchRequestOf,
  outcomesOf,
  settingsOf,
  type Written,
} from '../../testing/sink-contract.ts';
import type { Sink } from '../sink.ts';
import { cliq } from './cliq.ts';
import { cloudevents } from './cloudevents.ts';
import { datadog } from './datadog.ts';
import { datadoglogs } from './datadoglogs.ts';
import { discord } from './discord.ts';
import { dynatrace } from './dynatrace.ts';
import { googlechat } from './googlechat.ts';
import { gotify } from './gotify.ts';
import { grafana } from './grafana.ts';
import { grafanaoncall } from './grafanaoncall.ts';
import { kafkarest } from './kafkarest.ts';
import { mattermost } from './mattermost.ts';
import { n8n } from './n8n.ts';
import { nodered } from './nodered.ts';
import { opsgenie } from './opsgenie.ts';
import { pagerduty } from './pagerduty.ts';
import { rocketchat } from './rocketchat.ts';
import { slack } from './slack.ts';
import { spyderbat } from './spyderbat.ts';
import { sumologic } from './sumologic.ts';
import { talon } from './talon.ts';
import { teams } from './teams.ts';
import { tekton } from './tekton.ts';
import { telegram } from './telegram.ts';
import { webex } from './webex.ts';
import { webui } from './webui.ts';

const messageformat = '{{ .Rule }} {{ .Output }}';
const cases: readonly (readonly [name: string, sink: Sink, written: Written, api: StrictApi])[] = [
  ['Slack', slack, { messageformat: `x ${messageformat}` }, slackApi],
  ['Discord', discord, {}, discordApi],
  ['Telegram', telegram, { token: '12:ab' }, telegramApi],
  ['a connector of Teams', teams, { cardformat: 'messagecard' }, connectorApi],
  ['a workflow of Teams', teams, { cardformat: 'adaptivecard' }, workflowApi],
  ['Google Chat', googlechat, { messageformat }, googlechatApi],
  ['Google Chat, text only', googlechat, { outputformat: 'text', messageformat }, googlechatApi],
  ['Webex', webex, {}, webexApi],
  ['PagerDuty', pagerduty, { dedupkey: messageformat, severity: 'priority' }, pagerdutyApi],
  ['Opsgenie', opsgenie, { alias: messageformat }, opsgenieApi],
  ['Datadog', datadog, {}, datadogApi],
  ['logs of Datadog', datadoglogs, { service: 'x' }, datadoglogsApi],
  ['Mattermost', mattermost, { messageformat }, slackLikeApi],
  ['Rocket.Chat', rocketchat, { messageformat }, slackLikeApi],
  ['Cliq', cliq, { messageformat, useemoji: 'true' }, cliqApi],
  ['Gotify', gotify, {}, gotifyApi],
  ['Grafana', grafana, { allfieldsastags: 'true' }, grafanaApi],
  ['Grafana OnCall', grafanaoncall, {}, oncallApi],
  ['Spyderbat', spyderbat, {}, spyderbatApi],
  ['Dynatrace', dynatrace, {}, dynatraceApi],
  ["Kafka's REST proxy", kafkarest, {}, kafkarestApi],
  ['CloudEvents', cloudevents, {}, cloudeventsApi],
  ['Sumo Logic', sumologic, {}, alertApi],
  ['Falcosidekick-UI', webui, {}, webuiApi],
  ['Talon', talon, {}, alertApi],
  ['Tekton', tekton, {}, alertApi],
  ['Node-RED', nodered, {}, alertApi],
  ['n8n', n8n, {}, alertApi],
];

const hugeAlerts = [
  ['many fields', hugeAlert(2_000, 50)],
  ['many long fields', hugeAlert(200, 2_000)],
  ['a field without end', hugeAlert(1, 500_000)],
] as const;

let receiver: HttpReceiver;
beforeAll(async () => {
  receiver = await openHttpReceiver();
});
afterAll(() => receiver.close());

describe.each(cases)('%s', (_name, sink, written, api) => {
  const settings = settingsOf(sink, written);

  function answersTo(alert: HubAlert) {
    receiver.answer(api);
    return outcomesOf(settings, alert, receiver);
  }

  /** One request, unless the alert is not for this output. */
  function deliveredFor({ fields }: HubAlert) {
    const isForOthers = sink === spyderbat && typeof fields['proc.pid'] !== 'number';
    return isForOthers ? [] : [{ kind: 'delivered' }];
  }

  test.each(sampleAlerts)('takes the alert %s', async (_title, alert) => {
    expect(await answersTo(alert)).toEqual(deliveredFor(alert));
  });

  test.each(hugeAlerts)('takes %s', async (_title, alert) => {
    expect(await answersTo(alert)).toEqual(deliveredFor(alert));
  });

  test('takes any alert', async () => {
    await fc.assert(
      fc.asyncProperty(anyAlert, async (alert) => {
        expect(await answersTo(alert)).toEqual(deliveredFor(alert));
      }),
      { numRuns: 15 },
    );
  });
});

test('logs of Datadog take several entries', async () => {
  receiver.answer(datadoglogsApi);
  const settings = settingsOf(datadoglogs);
  const request = batchRequestOf(
    settings,
    sampleAlerts.map(([, alert]) => alert),
  );
  expect(await answerOf(request, settings, receiver)).toMatchObject({ status: 202 });
});
