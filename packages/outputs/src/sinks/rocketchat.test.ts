import { expect, test } from 'vitest';
import { sampleAlert } from '../../testing/sample-alerts.ts';
import { bodyOf, outcomeOf, settingsOf } from '../../testing/sink-contract.ts';
import { rocketchat } from './rocketchat.ts';

test('the text alone is an attachment too', () => {
  expect(bodyOf(settingsOf(rocketchat, { outputformat: 'text' }), sampleAlert('whole'))).toMatchObject({
    attachments: [{ text: sampleAlert('whole').output }],
  });
});

test('the host name is the last field', () => {
  expect(bodyOf(settingsOf(rocketchat), sampleAlert('whole'))).toMatchObject({
    attachments: [{ fields: expect.arrayContaining([{ title: 'hostname', value: 'node-7', short: true }]) }],
  });
});

test('a message of the user may call people, an alert may not', () => {
  const body = bodyOf(
    settingsOf(rocketchat, { messageformat: '@here {{ .Output }}' }),
    sampleAlert('hostile'),
  );
  expect(body).toMatchObject({ text: expect.stringMatching(/^@here Critical/) });
  expect(body).toMatchObject({ text: expect.not.stringMatching(/@everyone|<!channel>|\[pay\]\(/) });
});

test('what it refuses is refused', () => {
  const settings = settingsOf(rocketchat);
  expect(outcomeOf(settings, sampleAlert('test'), { status: 400 })).toMatchObject({ kind: 'rejected' });
  expect(outcomeOf(settings, sampleAlert('test'), { status: 429 })).toMatchObject({ kind: 'retry' });
});
