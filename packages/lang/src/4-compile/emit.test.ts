import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import {
  fieldOf,
  ruleOf,
  type SyntheticEvent,
  scalarConstant,
  syntheticSource,
  testOf,
  typeField,
} from '../../testing/synthetic.ts';
import type { CheckedCondition } from '../3-check/checked.ts';
import { type CompiledRules, compileRules } from './compile.ts';

type Condition = CheckedCondition<SyntheticEvent>;

const name = fieldOf({ name: 't.name', type: 'CHARBUF', scope: 'thread' });
const user = fieldOf({ name: 't.user', type: 'UINT32', scope: 'thread' });
const ancestor = fieldOf({ name: 't.aname', type: 'CHARBUF', scope: 'thread', quantifier: 'any' });
const path = fieldOf({ name: 'e.path', type: 'CHARBUF', scope: 'event', cost: 30 });
const isWrite = fieldOf({ name: 'e.is_write', type: 'BOOL', scope: 'event', cost: 1 });
const number = fieldOf({ name: 'e.number', type: 'INT64', scope: 'event', cost: 1 });
const eventNumber = fieldOf({ name: 'evt.num', type: 'UINT64', scope: 'event', cost: 1 });

function is(field: typeof name, operator: string, ...values: (string | number | boolean)[]): Condition {
  return testOf(field, operator, values.map(scalarConstant));
}

function junction(operator: 'and' | 'or', ...terms: Condition[]): Condition {
  return { kind: 'junction', operator, terms };
}

function not(term: Condition): Condition {
  return { kind: 'not', term };
}

const isOpened = junction('and', is(isWrite, '=', true), is(number, '>=', 0));

const cases: Readonly<Record<string, readonly Condition[]>> = {
  'event names decided': [
    junction('and', is(typeField, 'in', 'open', 'openat'), is(number, '<', 3)),
    junction('or', is(typeField, '=', 'execve'), is(eventNumber, '=', 0)),
    junction('and', is(eventNumber, '<', 1), is(number, '=', 1)),
    not(is(typeField, '=', 'generic')),
  ],
  'thread parts': [
    junction('and', isOpened, is(name, 'in', 'sh', 'bash', 'zsh', 'dash'), not(is(user, '=', 0))),
    junction('and', isOpened, is(ancestor, 'startswith', 'ssh')),
    junction('or', is(name, '=', 'nc'), is(number, '=', 7)),
  ],
  'text memos': [
    junction(
      'and',
      isOpened,
      junction('or', is(path, 'startswith', '/etc/'), is(path, 'glob', '/home/*/.ssh/*')),
    ),
    junction('and', isOpened, not(is(path, 'contains', 'tmp')), is(name, '!=', 'cp')),
    junction('and', is(path, 'pmatch', '/usr/bin', '/bin'), is(number, '=', 3)),
    junction('or', is(path, 'regex', 'a+b'), is(number, '=', 4)),
  ],
};

test.each(Object.entries(cases))('%s', async (title, conditions) => {
  const rules = conditions.map((condition, i) => ruleOf(i, condition));
  const compiled = compileRules(rules, syntheticSource, { matching: 'all' });
  const source = sourcesOf(compiled).join('');
  const legend = conditions.map((condition, i) => `// rule ${i}: ${textOf(condition)}\n`).join('');
  const folder = new URL('../../../../corpora/compile/', import.meta.url);
  const file = fileURLToPath(new URL(`${title.replaceAll(' ', '-')}.js`, folder));
  await expect(`${legend}${source}`).toMatchFileSnapshot(file);
});

/** Each different one, with the codes that share it. */
function sourcesOf({ sourceOf }: CompiledRules<SyntheticEvent>): readonly string[] {
  const codes = Array.from({ length: syntheticSource.eventCodeCount }, (_, code) => code);
  const bySource = Map.groupBy(codes, sourceOf);
  bySource.delete(undefined);
  return [...bySource].map(([source, alike]) => `// event codes ${alike.join(', ')}\n${source}`);
}

function textOf(condition: Condition): string {
  switch (condition.kind) {
    case 'junction':
      return `(${condition.terms.map(textOf).join(` ${condition.operator} `)})`;
    case 'not':
      return `not ${textOf(condition.term)}`;
    case 'test':
      return condition.text;
  }
}

test('no text of a rule gets into the code', () => {
  const text = `'];*/\`\${process.exit(1)}`;
  const field = { ...name, text };
  const rules = [is(field, '=', text), is(field, 'contains', text), is(path, 'glob', text)];
  const compiled = compileRules(
    rules.map((condition, i) => ruleOf(i, condition)),
    syntheticSource,
    { matching: 'first' },
  );
  expect(sourcesOf(compiled).join('')).not.toContain('exit');
});
