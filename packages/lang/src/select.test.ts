/** Which rules run: priorities, selections, wildcards, and the order in which rules are tried. */

import { describe, expect, test } from 'vitest';
import { createFactsCatalogue } from '../testing/facts-catalogue.ts';
import { loadRules } from './load.ts';
import { matchesWildcard, type RuleSelection, selectRules } from './select.ts';

const text = JSON.stringify(
  [
    ['alpha', 'critical', ['x'], true],
    ['beta', 'info', ['x', 'y'], false],
    ['gamma', 'debug', ['y'], true],
  ].map(([rule, priority, tags, enabled]) => ({
    rule,
    priority,
    tags,
    enabled,
    desc: 'd',
    output: 'o',
    condition: 'evt.type = open',
  })),
);
const { rules } = loadRules([{ name: 'rules.yaml', text }], createFactsCatalogue());

function running(selections: readonly RuleSelection[], minimumPriority?: number): readonly string[] {
  return selectRules(rules, selections, minimumPriority).flatMap(({ name, isEnabled }) =>
    isEnabled ? name : [],
  );
}

describe('selectRules', () => {
  test.each<[readonly RuleSelection[], readonly string[]]>([
    [[], ['alpha', 'gamma']],
    [[{ action: 'disable', rule: '*' }], []],
    [[{ action: 'enable', tag: 'y' }], ['alpha', 'gamma', 'beta']],
    [
      [
        { action: 'disable', rule: '*' },
        { action: 'enable', rule: '*a' },
      ],
      ['beta'],
    ],
    [
      [
        { action: 'disable', rule: 'alpha' },
        { action: 'enable', rule: 'alpha' },
      ],
      ['gamma', 'alpha'],
    ],
    [[{ action: 'disable', rule: 'gam*', tag: 'x' }], []],
    [[{ action: 'disable', rule: 'Alpha' }], ['alpha', 'gamma']],
  ])('%j', (selections, names) => {
    expect(running(selections)).toEqual(names);
  });

  test('rules below the minimum priority never run', () => {
    expect(running([{ action: 'enable', rule: '*' }], 6)).toEqual(['alpha', 'beta']);
    expect(running([], 1)).toEqual([]);
  });

  test('every rule stays', () => {
    expect(selectRules(rules, [], 0)).toHaveLength(3);
  });
});

describe('matchesWildcard', () => {
  test.each([
    ['abc', 'abc', true],
    ['abc', 'ab', false],
    ['abc', '*', true],
    ['', '*', true],
    ['abc', 'a*c', true],
    ['abc', '*b*', true],
    ['abcb', '*b', false],
    ['abb', '*bb', true],
    ['abc', 'b*', false],
    ['aXbYc', 'a*b*c', true],
  ])('%s like %s', (name, pattern, matches) => {
    expect(matchesWildcard(name, pattern)).toBe(matches);
  });
});
