import { expect, test } from 'vitest';
import { hugeAlert, sampleAlert } from '../../testing/sample-alerts.ts';
import { bodyOf, outcomeOf, settingsOf } from '../../testing/sink-contract.ts';
import { cliq } from './cliq.ts';

const table = { type: 'table', data: { headers: ['field', 'value'], rows: expect.any(Array) } };
const output = 'This is a test from falcosidekick';

test.each([
  [{}, { text: output, slides: [table] }],
  [{ outputformat: 'text' }, { text: output }],
  [{ messageformat: 'M' }, { text: 'M', slides: [{ type: 'text', data: output }, table] }],
  [
    { messageformat: 'M', outputformat: 'text' },
    { text: 'M', slides: [{ type: 'text', data: output }] },
  ],
  [
    { messageformat: 'M', outputformat: 'fields' },
    { text: 'M', slides: [table] },
  ],
  [{ useemoji: 'true', outputformat: 'text' }, { text: `⚪ ${output}` }],
])('%o', (written, body) => {
  const bot = { name: 'Falcosidekick', image: expect.stringMatching(/^https:/) };
  expect(bodyOf(settingsOf(cliq, written), sampleAlert('test'))).toEqual({ bot, ...body });
});

test('an alert calls nobody and links nowhere', () => {
  const alert = { ...sampleAlert('test'), output: '{@participants} @all [x](http://evil.example)' };
  const text = JSON.stringify(bodyOf(settingsOf(cliq), alert));
  expect(text).not.toMatch(/\{@|@all|\]\(/);
});

test('a long text and many fields are cut', () => {
  const body = bodyOf(settingsOf(cliq, { messageformat: '{{ .Output }}' }), hugeAlert(100, 20_000));
  expect(body).toMatchObject({ text: expect.stringMatching(/\.\.\.$/) });
  expect(JSON.stringify(body)).toContain('51 more fields');
  expect(JSON.stringify(body).length).toBeLessThan(120_000);
});

test.each([
  [200, '', { kind: 'delivered' }],
  [204, '', { kind: 'delivered' }],
  [400, 'You have exceeded the URL throttle limits.', { kind: 'retry', afterMs: 600_000 }],
  [400, 'invalid message', { kind: 'rejected' }],
  [401, '', { kind: 'retry' }],
])('answer %i %s', (status, body, outcome) => {
  expect(outcomeOf(settingsOf(cliq), sampleAlert('test'), { status, body })).toMatchObject(outcome);
});
