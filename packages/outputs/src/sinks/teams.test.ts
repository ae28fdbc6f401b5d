import { objectIn } from '@peregrine/base';
import { expect, test } from 'vitest';
import { hugeAlert, sampleAlert } from '../../testing/sample-alerts.ts';
import { bodyOf, outcomeOf, settingsOf } from '../../testing/sink-contract.ts';
import { teams } from './teams.ts';

const connector = {
  webhookurl: 'https://example.webhook.office.com/webhookb2/XXXX/IncomingWebhook/YYYY/ZZZZ',
};
const messageCard = { '@type': 'MessageCard' };
const adaptiveCard = { type: 'message', attachments: [{ content: { type: 'AdaptiveCard' } }] };

test.each([
  ['https://prod-1.westeurope.logic.azure.com:443/workflows/x', 'auto', adaptiveCard],
  ['https://default0.0.environment.api.powerplatform.com:443/powerautomate/x', 'auto', adaptiveCard],
  ['https://example.webhook.office.com/webhookb2/x', 'auto', messageCard],
  ['https://outlook.office.com/webhook/x', 'auto', messageCard],
  ['https://proxy.example.org/teams', 'auto', messageCard],
  ['https://logic.azure.com.example.org/x', 'auto', messageCard],
  ['https://proxy.example.org/teams', 'adaptivecard', adaptiveCard],
  ['https://prod-1.westeurope.logic.azure.com:443/workflows/x', 'messagecard', messageCard],
])('the card for %s, %s', (webhookurl, cardformat, card) => {
  expect(bodyOf(settingsOf(teams, { webhookurl, cardformat }), sampleAlert('whole'))).toMatchObject(card);
});

test('a connector gets what falcosidekick sends', () => {
  expect(bodyOf(settingsOf(teams, connector), sampleAlert('whole'))).toEqual({
    '@type': 'MessageCard',
    summary: sampleAlert('whole').output,
    themeColor: 'ffc700',
    sections: [
      {
        activityTitle: 'Falcosidekick',
        activitySubtitle: '2024-03-01 10:20:05.408091526 +0000 UTC',
        activityImage: expect.stringMatching(/^https:/),
        text: sampleAlert('whole').output,
        facts: [
          { name: 'rule', value: 'Write below etc' },
          { name: 'priority', value: 'Error' },
          { name: 'source', value: 'syscall' },
          { name: 'hostname', value: 'node-7' },
          { name: 'evt.res', value: 'SUCCESS' },
          { name: 'fd.name', value: '/etc/passwd' },
          { name: 'k8s.ns.name', value: 'shop' },
          { name: 'k8s.pod.name', value: 'web-0' },
          { name: 'user.name', value: 'daemon' },
          { name: 'tags', value: 'T1543, filesystem, mitre\\_persistence' },
        ],
      },
    ],
  });
});

test('a connector finds no markup in an alert', () => {
  const text = JSON.stringify(
    objectIn(bodyOf(settingsOf(teams, connector), sampleAlert('hostile')))?.sections,
  );
  expect(text).not.toContain('<');
  expect(text).not.toMatch(/[^\\]\[pay/);
});

test.each([
  ['text', { text: expect.stringMatching(/./) }, 'facts'],
  ['facts', { text: '', facts: expect.any(Array) }, undefined],
])('outputformat %s', (outputformat, has, hasNot) => {
  const body = bodyOf(settingsOf(teams, { ...connector, outputformat }), sampleAlert('whole'));
  expect(body).toMatchObject({ sections: [has] });
  if (hasNot !== undefined) expect(body).not.toMatchObject({ sections: [{ [hasNot]: expect.anything() }] });
});

test('an Adaptive Card without facts and picture', () => {
  const text = JSON.stringify(
    bodyOf(settingsOf(teams, { outputformat: 'text', activityimage: '' }), sampleAlert('whole')),
  );
  expect(text).not.toContain('"Image"');
  expect(text).not.toContain('priority: ');
});

test.each([
  [5, 100],
  [60, 200],
  [200, 2_000],
  [3_000, 300],
  [1, 1_000_000],
])('%i fields with texts of %i fit into 28 KB', (fieldCount, textLength) => {
  for (const cardformat of ['adaptivecard', 'messagecard']) {
    const alert = hugeAlert(fieldCount, textLength);
    const text = JSON.stringify(bodyOf(settingsOf(teams, { cardformat }), alert));
    expect(Buffer.byteLength(text.replace(/[<>&]/g, '\\u0000'))).toBeLessThan(28_000);
    if (fieldCount > 60) expect(text).toContain('more fields');
  }
});

const failed = 'Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error';
test.each([
  ['connector', 200, '1', 'delivered'],
  ['connector', 200, 'anything', 'delivered'],
  ['connector', 200, `${failed} 429 with ContextId x`, 'retry'],
  ['connector', 200, `${failed} 413 with ContextId x`, 'rejected'],
  ['connector', 200, `${failed} 400 with ContextId x`, 'rejected'],
  ['connector', 200, 'Webhook message delivery failed with error: Error contacting the endpoint', 'retry'],
  ['connector', 410, '', 'retry'],
  ['workflow', 202, '', 'delivered'],
  ['workflow', 400, '{"error":{"code":"WorkflowTriggerIsNotEnabled"}}', 'retry'],
  ['workflow', 400, '{"error":{"code":"InvalidTemplate"}}', 'rejected'],
  ['workflow', 401, '', 'retry'],
  ['workflow', 429, '', 'retry'],
])('%s: answer %i %s is %s', (kind, status, body, outcome) => {
  const settings = settingsOf(teams, kind === 'connector' ? connector : {});
  expect(outcomeOf(settings, sampleAlert('test'), { status, body })).toMatchObject({ kind: outcome });
});
