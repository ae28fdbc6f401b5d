import { expect, test } from 'vitest';
import { hugeAlert, sampleAlert } from '../../testing/sample-alerts.ts';
import { bodyOf, settingsOf } from '../../testing/sink-contract.ts';
import { googlechat } from './googlechat.ts';

test('the text alone is the output where there is no other', () => {
  const body = bodyOf(settingsOf(googlechat, { outputformat: 'text' }), sampleAlert('test'));
  expect(body).toEqual({ text: 'This is a test from falcosidekick' });
});

test.each([['all'], ['fields']])('outputformat %s with a message of the user has both', (outputformat) => {
  const written = { outputformat, messageformat: '<users/all> *{{ .Rule }}* {{ .Output }}' };
  const body = bodyOf(settingsOf(googlechat, written), sampleAlert('hostile'));
  expect(body).toMatchObject({
    text: expect.stringMatching(/^<users\/all> \*Rule with "quotes", <\u200btags>/),
    cards: [{ sections: [{ widgets: expect.any(Array) }] }],
  });
});

test('texts of cards are no HTML, and none is empty', () => {
  const alert = { ...sampleAlert('hostile'), source: '' };
  const text = JSON.stringify(bodyOf(settingsOf(googlechat), alert));
  expect(text).not.toContain('<');
  expect(text).not.toContain(':""');
});

test.each([
  [20, 100],
  [100, 400],
  [3_000, 300],
  [1, 1_000_000],
])('%i fields with texts of %i fit into 32 KB', (fieldCount, textLength) => {
  const settings = settingsOf(googlechat, { messageformat: '{{ .Output }}' });
  const text = JSON.stringify(bodyOf(settings, hugeAlert(fieldCount, textLength)));
  expect(Buffer.byteLength(text)).toBeLessThan(32_000);
  const shown = text.match(/"topLabel":"field\.\d+"/g)?.length ?? 0;
  const rest = /"content":"(\d+) more fields"/.exec(text)?.[1] ?? '0';
  expect(shown + Number(rest)).toBe(fieldCount);
  expect(text.match(/"topLabel"/g)?.length ?? 0).toBeLessThanOrEqual(100);
});
