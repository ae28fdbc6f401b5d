import { join } from 'node:path';
import { expect, test } from 'vitest';
import { setupOf } from '../../testing/setup.ts';
import { explainEvent } from './explain-event.ts';

const capture = join(import.meta.dirname, '../../../../corpora/captures/host/host.scap.gz');
/** A `connect` to 127.0.0.1:18099 in that recording. */
const CONNECT = 13_908;

const rules = `
- rule: Loopback
  desc: d
  condition: evt.type in (connect, accept4) and not proc.name = nc and (fd.sip = 127.0.0.1 or fd.sport = 1)
  output: o
  priority: INFO
- rule: By container
  desc: d
  condition: evt.type = connect and container.id != host and proc.aname[40] = x
  output: o
  priority: INFO
- rule: Opened
  desc: d
  condition: evt.type = openat and fd.name = x
  output: o
  priority: INFO
`;

const run = (eventNumber: number, text = rules) =>
  explainEvent({ setup: setupOf([text]), capture, eventNumber, log: () => {}, onRules: () => {} });

test('each rule with the verdict and value of every test', async () => {
  const found = await run(CONNECT);
  expect(found?.type).toBe('connect');
  expect(found?.rules.map(({ name, isAsked, condition }) => [name, isAsked, condition.holds])).toEqual([
    ['Loopback', true, true],
    ['By container', true, false],
    ['Opened', false, false],
  ]);
  expect(found?.rules[0]?.condition).toMatchObject({
    text: 'and',
    terms: [
      { holds: true, text: 'evt.type in (connect, accept4)', value: '"connect"' },
      { holds: true, text: 'not', terms: [{ holds: false, text: 'proc.name = nc', value: '"python3"' }] },
      {
        text: 'or',
        terms: [
          { holds: true, value: '127.0.0.1' },
          { holds: false, value: '18099' },
        ],
      },
    ],
  });
  expect(found?.rules[1]?.condition.terms[1]).toMatchObject({ holds: false, value: '"host"' });
  expect(found?.rules[1]?.condition.terms[2]).toMatchObject({ holds: false, value: undefined });
});

test('no such event, and rules that cannot be used', async () => {
  expect(await run(999_999_999)).toBeUndefined();
  expect(await run(CONNECT, '- rule: x')).toBeUndefined();
});
