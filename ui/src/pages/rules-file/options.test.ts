import type { LanguageFacts } from '@peregrine/api/contract';
import { describe, expect, test } from 'vitest';
import { explanationOf, optionsAt } from './options.ts';

const field = (name: string, suffix: 'any' | null = null, requirement: 'none' | 'required' = 'none') => ({
  ...{ name, type: 'CHARBUF', doc: `about ${name}`, class: 'proc', isList: false, isHidden: false },
  ...{ isDeprecated: false, isFilterOnly: false, isPrintOnly: false },
  ...{ allowsRightHandSide: true, allowsTransformers: true },
  argument: { requirement, forms: [], suffix },
});
const facts: LanguageFacts = {
  sources: [
    {
      name: 'syscall',
      fields: [field('proc.name'), field('evt.type'), field('evt.arg', 'any', 'required')],
      events: [{ name: 'execve', codes: [1], doc: 'Starts a program.', params: ['exe'] }],
      eventCodeCount: 2,
      alwaysCodes: [],
    },
  ],
  operators: [{ symbol: 'in', doc: 'one of' }],
  transformers: [{ name: 'tolower', doc: 'in small letters' }],
  engineVersion: '0.63.0',
  plugins: [],
};
const names = {
  macros: [{ name: 'spawned', text: 'evt.type = execve' }],
  lists: [{ name: 'shells', text: 'bash' }],
};

/** `|` is the caret. */
function at(text: string): { from: number; labels: readonly string[] } | undefined {
  const [before = ''] = text.split('|');
  const lines = text.replace('|', '').split('\n');
  const line = before.split('\n').length;
  const column = (before.split('\n').at(-1) ?? '').length;
  const found = optionsAt((n) => lines[n - 1] ?? '', line, column, facts, names);
  return found && { from: found.from, labels: found.options.map(({ label }) => label) };
}
const rule = (rest: string): string => `- rule: Shell\n  desc: x\n  ${rest}`;

describe('completion of rules files', () => {
  test.each([
    ['|', 0, 'rule'],
    ['- ma|', 0, 'macro'],
    [rule('con|'), 2, 'condition'],
    [rule('condition: |'), 13, 'spawned'],
    [rule('condition: |'), 13, 'tolower'],
    [rule('condition: proc.na|'), 13, 'proc.name'],
    [rule('condition: proc.name |'), 23, 'in'],
    [rule('condition: spawned |'), 21, 'and'],
    [rule('condition: >\n    spawned and\n    evt.type = ex|'), 15, 'execve'],
    [rule('condition: proc.name in (sh|'), 27, 'shells'],
    [rule('output: told %proc|'), 16, 'proc.name'],
    [rule('priority: W|'), 12, 'WARNING'],
    [rule('source: |'), 10, 'syscall'],
    [rule('exceptions:\n    - name: a\n      fields: [proc|'), 15, 'proc.name'],
    [rule('override:\n    condition: |'), 15, 'append'],
    ['- list: more\n  items: [s|', 10, 'shells'],
  ])('%j offers, from %i, %s', (text, from, label) => {
    const found = at(text);
    expect(found?.from).toBe(from);
    expect(found?.labels).toContain(label);
  });

  test.each([
    [rule('|'), 'desc'],
    ['- macro: m\n  |', 'priority'],
  ])('%j does not offer %s', (text, label) => {
    expect(at(text)?.labels).not.toContain(label);
  });

  test.each(['# pro|', rule('desc: pro|'), rule('condition: proc.name = "a |'), rule('output: told |')])(
    '%j offers nothing',
    (text) => {
      expect(at(text)).toBeUndefined();
    },
  );
});

test.each([
  ['proc.name', 'about proc.name'],
  ['evt.arg.flags', 'about evt.arg'],
  ['spawned', 'evt.type = execve'],
  ['shells', 'bash'],
  ['in', 'one of'],
  ['execve', 'Starts a program.\nexe'],
  ['nothing', undefined],
])('%s is explained', (word, doc) => {
  expect(explanationOf(word, facts, names)?.doc).toBe(doc);
});
