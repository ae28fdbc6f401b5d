import { expect, test } from 'vitest';
import { hugeAlert, sampleAlert } from '../../testing/sample-alerts.ts';
import { bodyOf, requestsOf, settingsOf } from '../../testing/sink-contract.ts';
import { gotify } from './gotify.ts';

test('plain text has no markup', () => {
  for (const format of ['plaintext', 'text']) {
    expect(bodyOf(settingsOf(gotify, { format }), sampleAlert('test'))).toEqual({
      title: '[Falco] [Debug] Test rule',
      priority: 1,
      message: [
        'Priority: Debug',
        'Rule: Test rule',
        'Output: This is a test from falcosidekick',
        'Source: internal',
        'Tags: example test',
        'Time: 2024-03-01 10:20:05 +0000 UTC',
        'Fields:',
        '- proc.name: falcosidekick',
        '- user.name: falcosidekick',
      ].join('\n'),
      extras: { 'client::display': { contentType: 'text/plain' } },
    });
  }
});

test('JSON is the alert', () => {
  expect(bodyOf(settingsOf(gotify, { format: 'json' }), sampleAlert('whole'))).toMatchObject({
    message: sampleAlert('whole').json,
    priority: 5,
  });
});

test('a token is a header, and without one there is none', () => {
  const headers = (written: { readonly token?: string }) =>
    requestsOf(settingsOf(gotify, written), sampleAlert('test'))[0]?.headers;
  expect(headers({ token: 'abc' })).toEqual({ 'x-gotify-key': 'abc' });
  expect(headers({ token: '' })).toEqual({});
});

test.each(['markdown', 'plaintext', 'json'])('%s is bounded', (format) => {
  const alert = hugeAlert(300, 20_000);
  expect(JSON.stringify(bodyOf(settingsOf(gotify, { format }), alert)).length).toBeLessThan(300_000);
});
