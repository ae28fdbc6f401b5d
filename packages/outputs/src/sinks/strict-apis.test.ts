/** Whatever an alert says, destinations take it: their interfaces here refuse what their documentation does not allow. */

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
import type { StrictApi } from '../../testing/apis/strict-body.ts';
import { type HttpReceiver, openHttpReceiver } from '../../testing/http-receiver.ts';
import { hugeAlert, sampleAlerts } from '../../testing/sample-alerts.ts';
import {
  answerOf,
  batchRequestOf,
  outcomeOf,
  requestsOf,
  settingsOf,
  type Written,
} from '../../testing/sink-contract.ts';
import type { Sink } from '../sink.ts';
import { datadog } from './datadog.ts';
import { datadoglogs } from './datadoglogs.ts';
import { discord } from './discord.ts';
import { googlechat } from './googlechat.ts';
import { opsgenie } from './opsgenie.ts';
import { pagerduty } from './pagerduty.ts';
import { slack } from './slack.ts';
import { teams } from './teams.ts';
import { telegram } from './telegram.ts';
import { webex } from './webex.ts';

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
];

let receiver: HttpReceiver;
beforeAll(async () => {
  receiver = await openHttpReceiver();
});
afterAll(() => receiver.close());

describe.each(cases)('%s', (_name, sink, written, api) => {
  const settings = settingsOf(sink, written);

  async function outcomesOf(alert: Parameters<typeof outcomeOf>[1]) {
    receiver.answer(api);
    const outcomes = [];
    for (const request of requestsOf(settings, alert)) {
      outcomes.push(outcomeOf(settings, alert, await answerOf(request, settings, receiver)));
    }
    return outcomes;
  }

  test.each(sampleAlerts)('takes the alert %s', async (_title, alert) => {
    expect(await outcomesOf(alert)).toEqual([{ kind: 'delivered' }]);
  });

  test.each([
    [200, 2_000],
    [2_000, 50],
    [1, 500_000],
  ])('takes %i fields with texts of %i', async (fieldCount, textLength) => {
    expect(await outcomesOf(hugeAlert(fieldCount, textLength))).toEqual([{ kind: 'delivered' }]);
  });

  test('takes any alert', async () => {
    await fc.assert(
      fc.asyncProperty(anyAlert, async (alert) => {
        expect(await outcomesOf(alert)).toEqual([{ kind: 'delivered' }]);
      }),
      { numRuns: 25 },
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
