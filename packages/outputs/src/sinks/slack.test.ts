import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HttpReceiver, openHttpReceiver } from '../../testing/http-receiver.ts';
import { sampleAlert } from '../../testing/sample-alerts.ts';
import { settingsOf, wireTextOf } from '../../testing/sink-contract.ts';
import { slack } from './slack.ts';

let receiver: HttpReceiver;
beforeAll(async () => {
  receiver = await openHttpReceiver();
});
afterAll(() => receiver.close());

async function sent(written: Readonly<Record<string, string>>, alert = sampleAlert('whole')) {
  await wireTextOf(settingsOf(slack, written), alert, receiver);
  const body: unknown = JSON.parse(receiver.requests.at(-1)?.body ?? '');
  return body;
}

test.each([
  ['text', { text: expect.any(String) }, ['fields', 'footer', 'footer_icon']],
  ['fields', { fields: expect.any(Array), footer: expect.any(String) }, ['text']],
])('outputformat %s', async (outputformat, has, hasNot) => {
  const body = await sent({ outputformat });
  expect(body).toMatchObject({ attachments: [has] });
  for (const key of hasNot) expect(body).not.toMatchObject({ attachments: [{ [key]: expect.anything() }] });
});

test('a message of the user goes above the alert, and nothing in an alert is markup in it', async () => {
  const messageformat = '<!here> rule *{{ .Rule }}* by {{ index .OutputFields "user.name" }}';
  expect(await sent({ messageformat })).toMatchObject({ text: '<!here> rule *Write below etc* by daemon' });
  expect(await sent({ messageformat }, sampleAlert('hostile'))).toMatchObject({
    text: expect.stringContaining('&lt;tags&gt; &amp; newline'),
  });
});

test('a template that cannot be read is told of with its place', () => {
  expect(() => settingsOf(slack, { messageformat: '{{ .Rule' })).toThrow(
    '`{{` is not closed, at character 1',
  );
});

test('a channel is named, and an empty footer is none', async () => {
  const body = await sent({ channel: '#x', footer: '' });
  expect(body).toMatchObject({ channel: '#x' });
  expect(JSON.stringify(body)).not.toContain('"footer":');
});
