import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hugeAlert, sampleAlert } from '../../testing/sample-alerts.ts';
import { bodyOf, outcomeOf, requestsOf, settingsOf } from '../../testing/sink-contract.ts';
import { telegram } from './telegram.ts';

/** The text as Telegram shows it. Throws where Telegram would refuse it. */
function shownText(alert: Parameters<typeof bodyOf>[1]): string {
  const { text } = bodyOf(settingsOf(telegram), alert) as { readonly text: string }; // What the sink made.
  let shown = '';
  let starCount = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    if (char === '\\') shown += text.charAt(++i);
    else if (char === '*') starCount++;
    else if (/[_[\]()~`>#+\-=|{}.!]/.test(char)) throw new Error(`\`${char}\` at ${i} is not escaped`);
    else shown += char;
  }
  expect(starCount % 2).toBe(0);
  return shown;
}

test('what an alert says is shown as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (output) => {
      const shown = shownText({
        ...sampleAlert('whole'),
        output,
        rule: output.slice(0, 30),
        fields: { [output]: output },
      });
      expect(shown).toContain(`Output: ${output}`);
    }),
  );
});

test.each([
  [0, 0],
  [60, 10],
  [100, 30],
  [3_000, 300],
  [1, 1_000_000],
])('%i fields with texts of %i fit into a message', (fieldCount, textLength) => {
  const shown = shownText(hugeAlert(fieldCount, textLength));
  expect(shown.length).toBeLessThanOrEqual(4_096);
  const count = shown.match(/• field\.\d+: /g)?.length ?? 0;
  const rest = /not shown: (\d+) more fields/.exec(shown)?.[1] ?? '0';
  expect(count + Number(rest)).toBe(fieldCount);
});

test('the token, the chat and the topic', () => {
  const settings = settingsOf(telegram, {
    host: 'https://bots.example.org/',
    token: '12:a/b',
    messagethreadid: '7',
  });
  const [request] = requestsOf(settings, sampleAlert('test'));
  expect(request?.url).toBe('https://bots.example.org/bot12:a%2Fb/sendMessage');
  expect(request?.json).toMatchObject({ chat_id: '-1001234567890', message_thread_id: '7' });
});

test.each([
  [200, '{"ok":true}', { kind: 'delivered' }],
  [400, '{"ok":false,"description":"Bad Request: can\'t parse entities"}', { kind: 'rejected' }],
  [400, '{"ok":false,"description":"Bad Request: chat not found"}', { kind: 'retry' }],
  [400, '{"ok":false,"description":"Bad Request: message thread not found"}', { kind: 'retry' }],
  [401, '{"ok":false,"description":"Unauthorized"}', { kind: 'retry' }],
  [403, '{"ok":false,"description":"Forbidden: bot was kicked"}', { kind: 'retry' }],
  [429, '{"ok":false,"parameters":{"retry_after":35}}', { kind: 'retry', afterMs: 35_000 }],
  [429, 'slow down', { kind: 'retry', afterMs: undefined }],
  [502, '', { kind: 'retry' }],
])('answer %i %s', (status, body, outcome) => {
  expect(outcomeOf(settingsOf(telegram), sampleAlert('test'), { status, body })).toMatchObject(outcome);
});
