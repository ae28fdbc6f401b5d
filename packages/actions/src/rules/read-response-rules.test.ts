import { choice, schema, text, textMap } from '@peregrine/base';
import { describe, expect, test } from 'vitest';
import { alertOf } from '../../testing/alert-of.ts';
import { nodeOf } from '../../testing/node-of.ts';
import { defineAction } from '../action.ts';
import { defineArtifactStore } from '../artifacts/artifact-store.ts';
import { type PlannedRule, rulesFor } from './plan.ts';
import { type ReadResponseRules, readResponseRules } from './read-response-rules.ts';

const target = {
  name: 'none',
  doc: 'Nothing.',
  fields: [],
  find: () => ({ kind: 'found', target: {} }) as const,
  keyOf: () => 'nothing',
  factsOf: () => ({}),
  inspect: async () => ({ kind: 'there', facts: {} }) as const,
};
const common = {
  platform: 'remote',
  doc: 'Of a test.',
  target,
  permissions: () => [],
  isRepeatable: true,
  timeoutMs: () => 1_000,
  examples: [],
  run: async () => ({ kind: 'done', summary: 'done' }) as const,
} as const;
const label = defineAction({
  ...common,
  name: 'test:label',
  parameters: schema({
    labels: textMap({ doc: 'Labels.', default: {} }),
    level: choice(['pod', 'node'], { default: 'pod', doc: 'Where.' }),
  }),
  refuses: ({ labels }) => (Object.keys(labels).length === 0 ? [{ key: 'labels', why: 'is empty' }] : []),
  continues: true,
  artifact: 'none',
});
const fetch = defineAction({
  ...common,
  name: 'test:fetch',
  parameters: schema({ file: text({ doc: 'A file.' }) }),
  continues: false,
  artifact: 'required',
});
const folder = defineArtifactStore({
  name: 'test:folder',
  doc: 'Of a test.',
  parameters: schema({ destination: text({ doc: 'Where.' }) }),
  keep: async () => ({ kind: 'kept', place: 'there' }),
});
const read = (...files: readonly unknown[]): ReadResponseRules =>
  readResponseRules(files.map(nodeOf), { actions: [label, fetch], stores: [folder] });
const rulesOf = (...files: readonly unknown[]): readonly PlannedRule[] => {
  const { plan, diagnostics } = read(...files);
  expect(diagnostics).toEqual([]);
  return plan?.rules ?? [];
};
const codesOf = (...files: readonly unknown[]): readonly string[] =>
  read(...files).diagnostics.map(({ code }) => code);

const labelled = { actionner: 'test:label', parameters: { labels: { a: '1' } } };
const shell = { rules: ['Terminal shell in container'] };

test('shared actions, references, and what rules put over them', () => {
  const [rule] = rulesOf([
    { action: 'Label', ...labelled, continue: 'false' },
    {
      rule: 'R',
      match: shell,
      actions: [
        { action: 'Label', parameters: { labels: { b: '2' } }, continue: 'true' },
        {
          action: 'Own',
          actionner: 'test:fetch',
          parameters: { file: '/x' },
          output: { target: 'test:folder', parameters: { destination: '/y' } },
        },
      ],
      dry_run: 'true',
      continue: 'false',
    },
  ]);
  expect(rule).toMatchObject({ name: 'R', isDryRun: true, continues: false });
  expect(rule?.steps.map(({ name, parameters, continues }) => [name, parameters, continues])).toEqual([
    ['Label', { labels: { a: '1', b: '2' }, level: 'pod' }, true],
    ['Own', { file: '/x' }, false],
  ]);
  expect(rule?.steps[1]?.output).toMatchObject({ parameters: { destination: '/y' } });
});

test('a rule in two lines', () => {
  const [rule] = rulesOf([
    { when: 'rule = "Terminal shell in container"', do: 'Label' },
    { action: 'Label', ...labelled },
  ]);
  expect(rule?.name).toBe('rule = "Terminal shell in container"');
  expect(rule?.parts.every((part) => part.holds(alertOf()))).toBe(true);
  expect(rule?.parts.every((part) => part.holds(alertOf({ rule: 'Other' })))).toBe(false);
});

test('later files: values replace, lists and maps grow, priority and source go', () => {
  const [rule] = rulesOf(
    [
      { action: 'Label', ...labelled },
      {
        rule: 'R',
        match: { rules: ['A'], priority: '>=Error', source: 'syscall' },
        actions: ['Label'],
        notifiers: ['slack'],
        description: 'first',
      },
    ],
    [
      { action: 'Label', parameters: { level: 'node', labels: { a: '3' } } },
      {
        rule: 'R',
        match: { rules: ['B'] },
        actions: [{ ...labelled, action: 'More' }],
        notifiers: ['loki'],
        description: 'later',
      },
    ],
  );
  expect(rule).toMatchObject({ description: 'later', notifiers: ['slack', 'loki'] });
  expect(rule?.parts.map((part) => part.text)).toEqual(['rule in (A, B)']);
  expect(rule?.steps.map(({ name, parameters }) => [name, parameters])).toEqual([
    ['Label', { labels: { a: '3' }, level: 'node' }],
    ['More', { labels: { a: '1' }, level: 'pod' }],
  ]);
});

describe('match', () => {
  const holds = (match: unknown, alert = alertOf()): boolean => {
    const [rule] = rulesOf([{ rule: 'R', match, actions: [labelled] }]);
    return rule?.parts.every((part) => part.holds(alert)) ?? false;
  };
  const table: readonly (readonly [string, unknown, boolean])[] = [
    ['priority at least', { priority: '>=Notice' }, true],
    ['priority more than', { priority: '>Notice' }, false],
    ['priority less than', { priority: '<Error' }, true],
    ['priority equal', { priority: 'Notice' }, true],
    ['all tags of a group', { tags: ['container, shell'] }, true],
    ['a tag that is not there', { tags: ['container, network'] }, false],
    ['one group of tags', { tags: ['network', 'shell'] }, true],
    ['a field', { output_fields: ['k8s.ns.name="default"'] }, true],
    ['a number as text', { output_fields: ['proc.pid=4711'] }, true],
    ['all fields of a group', { output_fields: ['k8s.ns.name=default, k8s.pod.name!=alpine'] }, false],
    ['one group of fields', { output_fields: ['k8s.ns.name=x', 'k8s.pod.name=alpine'] }, true],
    ['unlike what is absent', { output_fields: ['fd.name!=x'] }, true],
    ['like what is absent', { output_fields: ['fd.name='] }, false],
    ['the source', { source: 'syscall' }, true],
    ['another source', { source: 'k8s_audit' }, false],
  ];
  test.each(table)('%s', (_name, match, expected) => {
    expect(holds(match)).toBe(expected);
  });
  test('alerts that came without a source are of syscall', () => {
    expect(holds({ source: 'syscall' }, alertOf({ source: 'syscalls' }))).toBe(true);
  });
});

test('a rule may end the matter', () => {
  const { plan } = read([
    { rule: 'A', match: shell, actions: [labelled], continue: false },
    { rule: 'B', match: shell, actions: [labelled] },
  ]);
  expect(plan && rulesFor(plan, alertOf()).map(({ name }) => name)).toEqual(['A']);
});

test('conditions over earlier steps', () => {
  const [rule] = rulesOf([
    {
      rule: 'R',
      match: shell,
      actions: [
        { action: 'Mark it', ...labelled },
        { ...labelled, when: 'steps.mark_it.state = done and proc.pid > 10' },
      ],
    },
  ]);
  const alert = alertOf();
  const after = (state: string) => ({ ...alert, fields: { ...alert.fields, 'steps.mark_it.state': state } });
  expect(rule?.steps[1]?.when?.holds(after('done'))).toBe(true);
  expect(rule?.steps[1]?.when?.holds(after('failed'))).toBe(false);
});

describe('what is wrong is found, all at once', () => {
  const table: readonly (readonly [string, unknown, readonly string[]])[] = [
    ['no list', { rule: 'x' }, ['response-not-a-list']],
    [
      'neither',
      [{ name: 'x' }, 'text'],
      ['response-neither-action-nor-rule', 'response-neither-action-nor-rule'],
    ],
    [
      'no actions',
      [
        { rule: 'R', match: shell },
        { rule: 'S', match: shell, actions: [] },
      ],
      ['response-no-actions', 'response-no-actions'],
    ],
    [
      'unknown reference',
      [{ rule: 'R', match: shell, actions: ['Nope', 'test:lable'] }],
      ['response-no-actionner', 'response-no-such-actionner'],
    ],
    [
      'parameters',
      [
        {
          rule: 'R',
          match: shell,
          actions: [
            { actionner: 'test:label' },
            { actionner: 'test:label', parameters: { labels: { a: 1 }, level: 'x' } },
          ],
        },
      ],
      ['response-bad-parameters', 'not-a-choice'],
    ],
    [
      'files',
      [
        {
          rule: 'R',
          match: shell,
          actions: [
            { actionner: 'test:fetch', parameters: { file: 'x' } },
            { ...labelled, output: { target: 'test:foldr', parameters: {} } },
          ],
        },
      ],
      ['response-no-output', 'response-useless-output', 'response-no-such-store'],
    ],
    [
      'match',
      [{ rule: 'R', match: { priority: '>>x', tags: ['a,,b'], output_fields: ['x'] }, actions: [labelled] }],
      ['response-bad-match', 'response-bad-match', 'response-bad-match'],
    ],
    [
      'conditions',
      [{ rule: 'R', when: 'rule ==', actions: [{ ...labelled, when: 'steps.x.state = done' }] }],
      ['response-no-such-step', 'response-bad-when'],
    ],
    [
      'words',
      [{ rule: 'R', match: shell, continue: 'maybe', actions: [{ ...labelled, ignore_errors: 'perhaps' }] }],
      ['wrong-type', 'wrong-type'],
    ],
    [
      'undo',
      [{ rule: 'R', match: shell, actions: [{ ...labelled, undo_after: '10m' }] }],
      ['response-cannot-undo'],
    ],
    ['everything matches', [{ rule: 'R', actions: [labelled] }], ['response-matches-everything']],
    [
      'unknown keys',
      [{ rule: 'R', match: shell, action: 'x', actoins: [], actions: [{ ...labelled, parms: 1 }] }],
      ['unknown-key', 'unknown-key', 'unknown-key'],
    ],
  ];
  test.each(table)('%s', (_name, file, codes) => {
    expect(codesOf(file)).toEqual(codes);
  });
  test('with an error nothing is used, with a warning all', () => {
    expect(read([{ rule: 'R', actions: [labelled] }]).plan?.rules.length).toBe(1);
    expect(
      read([
        { rule: 'R', match: shell, actions: [labelled] },
        { rule: 'S', match: shell, actions: ['x'] },
      ]).plan,
    ).toBeUndefined();
  });
});
