/** What rules files mean together: redefinition, appending, visibility, exceptions, versions, outputs. */

import { describe, expect, test } from 'vitest';
import { createFactsCatalogue } from '../testing/facts-catalogue.ts';
import type { CheckedCondition, CheckedRule } from './3-check/checked.ts';
import { type LoadedRules, loadRules } from './load.ts';

const catalogue = createFactsCatalogue();

function load(...texts: readonly string[]): LoadedRules<unknown> {
  return loadRules(
    texts.map((text, index) => ({ name: `${index}.yaml`, text })),
    catalogue,
  );
}

function rule(condition: string, rest = ''): string {
  return `- rule: R\n  desc: d\n  output: o\n  priority: INFO\n  condition: ${condition}\n${rest}`;
}

/** The condition as one line, for comparison. */
function render(condition: CheckedCondition<unknown>): string {
  switch (condition.kind) {
    case 'junction':
      return `(${condition.terms.map(render).join(` ${condition.operator} `)})`;
    case 'not':
      return `not ${render(condition.term)}`;
    case 'test':
      return condition.text;
  }
}

function conditionOf(loaded: LoadedRules<unknown>): string {
  expect(loaded.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  const [first] = loaded.rules;
  return first === undefined ? '' : render(first.condition);
}

function onlyRule(loaded: LoadedRules<unknown>): CheckedRule<unknown> {
  const [first] = loaded.rules;
  if (first === undefined) throw new Error(JSON.stringify(loaded.diagnostics, undefined, 1));
  return first;
}

function codesOf(loaded: LoadedRules<unknown>): readonly string[] {
  return loaded.diagnostics.map(({ code }) => code);
}

describe('conditions', () => {
  test('macros are put in as trees, lists as text', () => {
    const loaded = load(
      `- list: l\n  items: [a, b c]\n- macro: m\n  condition: evt.type = open or evt.type = openat\n${rule('m and proc.name in (l)')}`,
    );
    expect(conditionOf(loaded)).toBe('((evt.type = open or evt.type = openat) and proc.name in (a, "b c"))');
  });

  test('text is appended before parsing', () => {
    const loaded = load(
      `${rule('evt.type = open')}- rule: R\n  condition: or evt.type = close\n  override: {condition: append}\n`,
    );
    expect(conditionOf(loaded)).toBe('(evt.type = open or evt.type = close)');
  });

  test('a rule sees macros that come after it, and later changes of them', () => {
    expect(conditionOf(load(`${rule('m')}- macro: m\n  condition: evt.type = open\n`))).toBe(
      'evt.type = open',
    );
    const macro = '- macro: m\n  condition: evt.type = open\n';
    const changed = load(`${macro}${rule('m')}`, '- macro: m\n  condition: evt.type = close\n');
    expect(conditionOf(changed)).toBe('evt.type = close');
    expect([...onlyRule(changed).syscalls]).not.toEqual([]);
  });

  test('a macro sees only macros before it, until it is redefined', () => {
    const b = '- macro: b\n  condition: c\n';
    const c = '- macro: c\n  condition: evt.type = open\n';
    expect(codesOf(load(`${b}${c}${rule('b')}`))).toEqual(['macro-undefined']);
    expect(conditionOf(load(`${b.replace('c\n', 'evt.type = x\n')}${c}${b}${rule('b')}`))).toBe(
      'evt.type = open',
    );
  });

  test('macros that reach themselves are refused', () => {
    expect(codesOf(load(`- macro: m\n  condition: m\n${rule('m')}`))).toEqual(['macro-loop']);
    const loop =
      '- macro: a\n  condition: evt.type = open\n- macro: b\n  condition: a\n- macro: a\n  condition: b\n';
    expect(codesOf(load(`${loop}${rule('a')}`))).toEqual(['macro-loop']);
  });

  test('equal tests and macros are one object', () => {
    const second = rule('m and proc.name = x').replace('rule: R', 'rule: S');
    const loaded = load(
      `- macro: m\n  condition: evt.type = open and fd.name = x\n${rule('m and proc.name = x')}${second}`,
    );
    const [one, two] = loaded.rules.map(({ condition }) =>
      condition.kind === 'junction' ? condition.terms : [],
    );
    expect(one?.[0]).toBeDefined();
    expect(one?.[0]).toBe(two?.[0]);
    expect(one?.[1]).toBe(two?.[1]);
  });

  test('every error of a condition is told, at its place', () => {
    const text = rule('>\n    evt.type = opne\n    and proc.nam = x and\n    fd.lport = htp');
    const loaded = load(text);
    expect(
      loaded.diagnostics.map(({ code, hint, span }) => [code, hint, span?.start.line, span?.start.column]),
    ).toEqual([
      ['event-type-unknown', 'did you mean `open`?', 6, 16],
      ['field-unknown', 'did you mean `proc.name`?', 7, 9],
      ['constant-invalid', undefined, 8, 16],
    ]);
  });

  test('of what a list put in, the place is its name', () => {
    const loaded = load(`- list: l\n  items: [x]\n${rule("'fd.rip in (l)'")}`);
    const [found] = loaded.diagnostics;
    expect([found?.code, found?.span?.start.line, found?.span?.start.column]).toEqual([
      'constant-invalid',
      7,
      26,
    ]);
    expect(found?.span?.end.column).toBe(27);
  });

  test('rules that need unknown fields are left out where they say so', () => {
    const loaded = load(rule('proc.nosuch = x', '  skip-if-unknown-filter: true\n'));
    expect(codesOf(loaded)).toEqual(['unknown-filter']);
    expect([loaded.successful, loaded.rules]).toEqual([true, []]);
  });

  test('rules of unknown sources are left out', () => {
    const loaded = load(rule('nothing known', '  source: elsewhere\n'));
    expect(codesOf(loaded)).toEqual(['source-unknown']);
    expect([loaded.successful, loaded.rules]).toEqual([true, []]);
  });
});

describe('event codes', () => {
  const open = catalogue.sources[0]?.eventCodesOf('open') ?? [];
  const close = catalogue.sources[0]?.eventCodesOf('close') ?? [];
  const always = catalogue.sources[0]?.alwaysCodes ?? [];
  const count = catalogue.sources[0]?.eventCodeCount ?? 0;
  const size = (condition: string): number => onlyRule(load(rule(condition))).eventCodes.size;

  test.each([
    ['evt.type = open', open.length + always.length],
    ['evt.type in (open, close)', open.length + close.length + always.length],
    ['evt.type = open and evt.type = close', always.length],
    ['evt.type = open and proc.name = x', open.length + always.length],
    ['evt.type = open or proc.name = x', count],
    ['not evt.type = open', count - open.length],
    ['not not evt.type = open', open.length + always.length],
    ['not (evt.type != open or proc.name = x)', open.length + always.length],
    ['evt.type != anyof (open)', count],
    ['evt.num = 0', always.length],
    ['evt.num > 0', count],
    ['not evt.num >= 1', always.length],
    ['proc.name = x', count],
    ['evt.type exists', count],
  ])('%s', (condition, expected) => {
    expect(size(condition)).toBe(expected);
  });

  test('syscalls follow', () => {
    const { syscalls } = onlyRule(load(rule('evt.type in (open, container)')));
    expect([...syscalls]).toEqual(catalogue.sources[0]?.syscallsOf('open'));
  });

  test('no restriction is warned of, unless the rule says not to', () => {
    expect(codesOf(load(rule('proc.name = x')))).toEqual(['no-event-type']);
    expect(codesOf(load(rule('proc.name = x', '  warn_evttypes: false\n')))).toEqual([]);
  });
});

describe('exceptions', () => {
  const exceptions = (body: string): string => rule('evt.type = open', `  exceptions:\n${body}`);

  test.each([
    [
      '    - {name: e, fields: [proc.name, fd.name], comps: [=, startswith], values: [[a, /x y], [b, /z]]}\n',
      '(evt.type = open and not ((proc.name = a and fd.name startswith "/x y") or (proc.name = b and fd.name startswith /z)))',
    ],
    [
      '    - {name: e, fields: proc.name, values: [a, b c]}\n',
      '(evt.type = open and not proc.name in (a, "b c"))',
    ],
    [
      '    - {name: e, fields: [proc.name], comps: [in], values: [[[a, b]], [l]]}\n- list: l\n  items: [c, d]\n',
      '(evt.type = open and not (proc.name in (a, b) or proc.name in (c, d)))',
    ],
    ['    - {name: e, fields: [proc.name]}\n', 'evt.type = open'],
    [
      '    - {name: e, fields: fd.name, comps: startswith anyof, values: [/a, /b]}\n',
      '(evt.type = open and not fd.name startswith anyof (/a, /b))',
    ],
  ])('%s', (body, expected) => {
    expect(conditionOf(load(exceptions(body)))).toBe(expected);
  });

  test('values are appended to the exception of that name', () => {
    const first = exceptions('    - {name: e, fields: proc.name, values: [a]}\n');
    const loaded = load(
      first,
      '- rule: R\n  exceptions: [{name: e, values: [b]}]\n  override: {exceptions: append}\n',
    );
    expect(conditionOf(loaded)).toBe('(evt.type = open and not proc.name in (a, b))');
  });

  test.each([
    ['    - {name: e, fields: [proc.name, fd.name], comps: [=]}\n', 'exception-lengths'],
    ['    - {name: e, fields: [proc.name], values: [[a, b]]}\n', 'exception-lengths'],
    ['    - {name: e, fields: [proc.name], comps: [like]}\n', 'exception-operator-unknown'],
    ['    - {name: e, fields: proc.name, comps: "="}\n', 'exception-operator-not-for-one'],
    ['    - {name: e, fields: proc.nam}\n', 'exception-field-unknown'],
    ['    - {name: e}\n', 'key-missing'],
    ['    - {name: e, fields: proc.name, values: [[a]]}\n', 'exception-shapes'],
  ])('refuses %s', (body, code) => {
    expect(codesOf(load(exceptions(body)))).toEqual([code]);
  });
});

describe('items', () => {
  test('a redefinition keeps the place and replaces the rest', () => {
    const other = rule('evt.type = open').replace('rule: R', 'rule: S');
    const loaded = load(`${rule('evt.type = open')}${other}${rule('evt.type = close', '  tags: [t]\n')}`);
    expect(loaded.rules.map(({ name, tags }) => [name, tags])).toEqual([
      ['R', ['t']],
      ['S', []],
    ]);
  });

  test('overrides append and replace', () => {
    const loaded = load(
      rule('evt.type = open', '  tags: [b]\n'),
      '- rule: R\n  output: p\n  tags: [a, b]\n  priority: error\n  enabled: no\n  override: {output: append, tags: append, priority: replace, enabled: replace}\n',
    );
    expect(onlyRule(loaded)).toMatchObject({
      outputText: 'o p',
      tags: ['a', 'b'],
      priority: 3,
      isEnabled: false,
    });
  });

  test('several documents, empty ones among them', () => {
    const loaded = load(`---\n---\n${rule('evt.type = open')}---\n- list: l\n  items: []\n`);
    expect(codesOf(loaded)).toEqual(['list-unused']);
    expect(loaded.rules).toHaveLength(1);
  });

  test('what is wrong in one item does not hide the next', () => {
    const loaded = load('- list: l\n- macro: m\n- rule: R\n- what: x\n- just text\n');
    expect(codesOf(loaded)).toEqual([
      'key-missing',
      'key-missing',
      'key-missing',
      'item-not-a-mapping',
      'item-unknown',
    ]);
  });

  test('follow-ups of an error are not told', () => {
    const broken = '- macro: m\n  conditions: evt.type = open\n';
    expect(codesOf(load(`${broken}${rule('m')}`)).filter((code) => code !== 'key-unknown')).toEqual([
      'key-missing',
    ]);
  });

  test('findings about a file are told with that file, once', () => {
    const loaded = load('- list: l\n  items: [a]\n', rule('proc.name = x'));
    expect(loaded.files.map(({ warnings }) => warnings.map(({ code }) => code))).toEqual([
      ['list-unused'],
      ['no-event-type'],
    ]);
  });

  test('required versions', () => {
    const loaded = load(
      '- required_engine_version: 63\n- required_plugin_versions: [{name: json, version: 0.1.0}, {name: other, version: 1.0.0, alternatives: [{name: container, version: 0.7.0}]}]\n',
    );
    expect([loaded.successful, loaded.requiredEngineVersions]).toEqual([true, ['0.63.0']]);
    expect(codesOf(load('- required_engine_version: 0.64.0\n'))).toEqual(['engine-too-old']);
    expect(codesOf(load('- required_engine_version: 1.0.0\n'))).toEqual(['engine-too-old']);
    const unmet = load(
      '- required_plugin_versions: [{name: json, version: 0.99.0}, {name: nosuch, version: 1.0.0}]\n',
    );
    expect([unmet.successful, codesOf(unmet)]).toEqual([
      false,
      ['plugin-version-unmet', 'plugin-version-unmet'],
    ]);
  });

  test('outputs are added to', () => {
    const { rules } = loadRules(
      [{ name: 'a.yaml', text: rule('evt.type = open', '  tags: [t]\n') }],
      catalogue,
      {
        outputAdditions: [
          {
            tags: ['t'],
            extraOutput: 'p=%proc.name',
            extraFields: ['proc.aname[2]', { name: 'k', format: 'x%evt.num' }],
          },
          { source: 'elsewhere', extraOutput: 'no' },
          { suggestsFields: true },
        ],
      },
    );
    expect(rules[0]?.outputText).toMatch(
      /^o p=%proc\.name container_id=%container\.id .*k8s_ns_name=%k8s\.ns\.name$/,
    );
    expect(rules[0]?.extraFields.map(({ kind, name }) => [kind, name])).toEqual([
      ['field', 'proc.aname[2]'],
      ['format', 'k'],
    ]);
    expect(rules[0]?.output.at(-1)).toMatchObject({
      kind: 'value',
      operand: { field: { text: 'k8s.ns.name' } },
    });
  });

  test.each([
    ['x %proc.namexyz', 'x |proc.name|xyz'],
    ['%20proc.name.', 'proc.name|.'],
    ['%tolower(proc.name)!', 'tolower(proc.name)|!'],
    ['%proc.aname[2]%evt.num', 'proc.aname[2]|evt.num'],
    ['a %container.info b', 'a  b'],
  ])('output %s', (output, expected) => {
    const loaded = load(rule('evt.type = open').replace('output: o', `output: '${output}'`));
    const shown = onlyRule(loaded).output.map((part) =>
      part.kind === 'literal'
        ? part.text
        : part.operand.kind === 'field'
          ? part.operand.field.text
          : part.operand.text,
    );
    expect(shown.join('|')).toBe(expected);
  });

  test('what is wrong in an output is told at its place', () => {
    const loaded = load(
      rule('evt.type = open').replace('output: o', "output: >\n    it''s %proc.name\n    %proc.nmae!"),
    );
    const [found] = loaded.diagnostics;
    expect([
      found?.hint,
      found?.span?.start.line,
      found?.span?.start.column,
      found?.span?.end.column,
    ]).toEqual(['did you mean `proc.name`?', 5, 6, 16]);
  });

  test.each(['100 %', '%%', '%nosuch.field', '%proc'])('refuses output %s', (output) => {
    const loaded = load(rule('evt.type = open').replace('output: o', `output: '${output}'`));
    expect(loaded.files[0]?.errors[0]?.falcoCode).toBe('LOAD_ERR_COMPILE_OUTPUT');
  });
});
