import { expect, test } from 'vitest';
import { hugeAlert, sampleAlert } from '../../testing/sample-alerts.ts';
import { bodyOf, settingsOf } from '../../testing/sink-contract.ts';
import { mattermost } from './mattermost.ts';

test('a message of the user may call people, an alert may not', () => {
  const messageformat = '@here <!channel> **{{ .Output }}**';
  const body = bodyOf(settingsOf(mattermost, { messageformat }), sampleAlert('hostile'));
  expect(body).toMatchObject({ text: expect.stringMatching(/^@here <!channel> \*\*Critical <\u200bscript/) });
  expect(body).toMatchObject({
    text: expect.not.stringMatching(/@everyone|<!channel>.*<!channel>|[^\\]\[pay/),
  });
});

test('notifications show the text without escapes', () => {
  const { output } = sampleAlert('whole');
  const alert = { ...sampleAlert('whole'), output: output.replace('daemon', 'www_data') };
  expect(bodyOf(settingsOf(mattermost), alert)).toMatchObject({
    attachments: [{ fallback: alert.output, text: alert.output.replace('_', '\\_') }],
  });
});

test('a message that is too long ends with an ellipsis', () => {
  const body = bodyOf(settingsOf(mattermost, { messageformat: '{{ .Output }}' }), hugeAlert(0, 50_000));
  expect(body).toMatchObject({ text: expect.stringMatching(/^.{16380}\.\.\.$/) });
});

test('many fields are cut, and say so', () => {
  const body = bodyOf(settingsOf(mattermost), hugeAlert(500, 3_000));

  expect(JSON.stringify(body)).toContain('401 more fields');
  expect(JSON.stringify(body).length).toBeLessThan(800_000);
});
