import type { Rule } from '@peregrine/api/contract';
import { describe, expect, test } from 'vitest';
import { choiceOf, chosenRules, countsOf, isNoisy, noiseOf } from './rule-list.ts';

const rule = (name: string, over: Partial<Rule> = {}): Rule => ({
  ...{ name, desc: '', condition: 'evt.type = open', output: '', priority: 'Notice', source: 'syscall' },
  ...{ tags: [], file: 'rules.yaml', line: 1, text: '', exceptions: [], isEnabled: true },
  ...{ alertCount: 0, expectedCount: 0, lastTime: null, matchCount: null },
  ...over,
});

const rules = [
  rule('Shell', { tags: ['container', 'shell'], alertCount: 10, expectedCount: 9, lastTime: '2026-01-02' }),
  rule('Audit', { source: 'k8s_audit', alertCount: 30, lastTime: '2026-01-03', matchCount: 70 }),
  rule('Quiet', { isEnabled: false, priority: 'Critical', desc: 'Reads 日本語 files' }),
  rule('Miner', {
    tags: ['container'],
    alertCount: 2,
    expectedCount: 1,
    matchCount: 900,
    lastTime: '2026-01-01',
  }),
];
const names = (query: string): readonly string[] =>
  chosenRules(rules, choiceOf(new URLSearchParams(query))).map(({ name }) => name);

describe('the list of rules', () => {
  test.each([
    ['', ['Audit', 'Shell', 'Miner', 'Quiet']],
    ['order=noise', ['Shell', 'Miner', 'Audit', 'Quiet']],
    ['order=cost', ['Miner', 'Audit', 'Quiet', 'Shell']],
    ['order=last', ['Audit', 'Shell', 'Miner', 'Quiet']],
    ['order=priority', ['Quiet', 'Audit', 'Miner', 'Shell']],
    ['order=name', ['Audit', 'Miner', 'Quiet', 'Shell']],
    ['state=off', ['Quiet']],
    ['state=never', ['Quiet']],
    ['state=noisy', ['Shell', 'Miner']],
    ['state=on&source=k8s_audit', ['Audit']],
    ['tag=container&tag=shell', ['Shell']],
    ['text=日本語 reads', ['Quiet']],
    ['text=OPEN&order=name&state=nonsense', ['Audit', 'Miner', 'Quiet', 'Shell']],
  ])('%j shows %j', (query, expected) => {
    expect(names(query)).toEqual(expected);
  });

  test('noise is the share that was expected, and none without alerts', () => {
    expect(rules.map(noiseOf)).toEqual([0.9, 0, undefined, 0.5]);
    expect(rules.map(isNoisy)).toEqual([true, false, false, true]);
  });

  test('counts names, most of them first', () => {
    expect(countsOf(['b', 'a', 'b', 'c'])).toEqual([
      { name: 'b', count: 2 },
      { name: 'a', count: 1 },
      { name: 'c', count: 1 },
    ]);
  });
});
