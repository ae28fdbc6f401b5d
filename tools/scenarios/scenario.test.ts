import { describe, expect, test } from 'vitest';
import { parseAddress } from './addresses.ts';
import { readScenarioFile, type Scenario } from './scenario.ts';
import { eventsOf } from './steps.ts';

function fileWith(scenario: string): string {
  return `rule: R\nmatches:\n  - ${scenario}\nmisses: []\n`;
}

function scenarioOf(text: string): Scenario {
  const [scenario] = readScenarioFile(fileWith(text)).matches;
  if (scenario === undefined) throw new Error('no scenario');
  return scenario;
}

test('defaults of a process', () => {
  const scenario = scenarioOf('{ title: t, processes: { sh: { tty: 3 } }, steps: [] }');
  expect(scenario.processes.get('sh')).toEqual({
    name: 'sh',
    exepath: '/usr/bin/sh',
    args: [],
    parent: undefined,
    container: undefined,
    user: 'root',
    tty: 3,
    ageSeconds: 3_600,
    cwd: '/',
    capabilities: undefined,
  });
});

describe('mistakes are told with their place', () => {
  test.each([
    ['{ title: t, steps: [], step: [] }', /matches 1: unknown key `step`/],
    ['{ title: t, processes: { sh: { ttyy: 3 } }, steps: [] }', /sh: unknown key `ttyy`/],
    ['{ title: t, processes: { sh: { age: soon } }, steps: [] }', /`soon`/],
    ['{ title: t, steps: [{ by: sh, open: /x, for: fun }] }', /`for` must be one of `read, write/],
    ['{ title: t, steps: [{ by: sh, connect: nowhere }] }', /ADDRESS:PORT, not `nowhere`/],
    ['{ title: t, steps: [{ open: /x }] }', /missing key `by`/],
    ['{ title: t }', /expected a list at `steps`/],
  ])('%s', (text, message) => {
    expect(() => readScenarioFile(fileWith(text))).toThrow(message);
  });

  test.each([
    ['{ title: t, steps: [{ by: sh, open: /x }] }', /no process is labelled `sh`/],
    ['{ title: t, processes: { sh: {} }, steps: [{ by: sh, event: opne }] }', /no event is called `opne`/],
    [
      '{ title: t, processes: { sh: {} }, steps: [{ by: sh, event: close, with: { fdd: 3 } }] }',
      /`close` has no parameter `fdd`/,
    ],
    ['{ title: t, processes: { sh: {} }, steps: [{ by: sh, open: /x, res: EOOPS }] }', /`EOOPS`/],
    ['{ title: t, processes: { sh: { container: c } }, steps: [] }', /no container is labelled `c`/],
  ])('%s', (text, message) => {
    expect(() => eventsOf(scenarioOf(text))).toThrow(message);
  });
});

test('time passes from step to step, and with wait', () => {
  const { views } = eventsOf(
    scenarioOf(
      '{ title: t, processes: { a: {} }, steps: [{ by: a, open: /x }, { wait: 2m }, { by: a, open: /y }] }',
    ),
  );
  const [first, second] = views;
  expect(Number((second?.timestampNs() ?? 0n) - (first?.timestampNs() ?? 0n))).toBe(120_001_000_000);
});

test.each([
  ['127.0.0.1', 0x7f000001],
  ['255.255.255.255', 0xffffffff],
  ['2001:db8::9', '\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x09'],
  ['::1', `${'\0'.repeat(15)}\x01`],
  ['::', '\0'.repeat(16)],
])('address %s', (text, expected) => {
  expect(parseAddress(text)).toBe(expected);
});
