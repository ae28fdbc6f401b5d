import { constantText, loadRules } from '@peregrine/lang';
import { alertSource } from '@peregrine/query';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { managedFileHead, type RuleException, withException, withRuleEnabled } from './managed-file.ts';

const exception: RuleException = {
  name: 'backup',
  fields: ['proc.name', 'fd.name'],
  comps: ['=', 'startswith'],
  rows: [['tar', '/etc/']],
};

const written = `# Ours, by hand.
- list: shells   # three blanks before this
  items: [bash,  zsh]

# About the rule.
- rule: A rule
  # inside
  exceptions:
    - name: other   # the other
      fields: [proc.name]
      values:
        - [vi]
  override:
    exceptions: append
# the end
`;

describe('turning rules off and on', () => {
  test('in a new file', () => {
    const text = withRuleEnabled('', 'A rule', false);
    expect(text).toBe(
      `${managedFileHead}\n- rule: A rule\n  enabled: false\n  override:\n    enabled: replace\n`,
    );
    expect(parse(withRuleEnabled(text, 'A rule', true))).toEqual([
      { rule: 'A rule', enabled: true, override: { enabled: 'replace' } },
    ]);
  });

  test('leaves all else as it is', () => {
    const once = withRuleEnabled(written, 'A rule', false);
    expect(once.startsWith(written)).toBe(true);
    const twice = withRuleEnabled(once, 'A rule', true);
    expect(twice).toBe(once.replace('enabled: false', 'enabled: true'));
    expect(withRuleEnabled(twice, 'A rule', true)).toBe(twice);
  });
});

describe('exceptions', () => {
  test('are added to the entry that there is, comments kept', () => {
    const text = withException(written, 'A rule', exception, false);
    expect(text).toContain('- list: shells   # three blanks before this\n  items: [bash,  zsh]\n');
    expect(text).toContain('# About the rule.\n- rule: A rule\n  # inside\n');
    expect(text).toContain('# the other');
    expect(text.endsWith('# the end\n')).toBe(true);
    expect(parse(text)[1].exceptions[1]).toEqual({
      name: 'backup',
      fields: ['proc.name', 'fd.name'],
      comps: ['=', 'startswith'],
      values: [['tar', '/etc/']],
    });
  });

  test('of the same name get more rows, each once', () => {
    const first = withException('', 'A rule', exception, false);
    const second = withException(
      first,
      'A rule',
      {
        ...exception,
        rows: [
          ['tar', '/etc/'],
          ['cp', '/a'],
        ],
      },
      false,
    );
    expect(parse(second)[0].exceptions).toHaveLength(1);
    expect(parse(second)[0].exceptions[0].values).toEqual([
      ['tar', '/etc/'],
      ['cp', '/a'],
    ]);
    expect(() =>
      withException(second, 'A rule', { ...exception, fields: ['proc.name', 'x'] }, false),
    ).toThrow('choose another name');
  });

  test('of the rule itself get values only', () => {
    expect(parse(withException('', 'A rule', exception, true))[0].exceptions).toEqual([
      { name: 'backup', values: [['tar', '/etc/']] },
    ]);
  });

  test('are not added to what is no list of entries', () => {
    for (const text of ['[a, b]', 'a: b', '- rule: [', '"'])
      expect(() => withException(text, 'A rule', exception, false), text).toThrow();
  });
});

test('whatever the names and values, the file is good and says just that', () => {
  const name = fc.oneof(
    fc.string({ unit: 'grapheme', minLength: 1 }),
    fc.constantFrom(
      'true',
      '- a',
      'a: b',
      '# x',
      '"',
      "'",
      'a\nb',
      '漢字',
      '\u202e',
      '{a}',
      '*',
      '&a',
      '!x',
      '%',
      '@',
    ),
  );
  // No text of the kernel has a NUL in it, and the language takes none.
  const value = fc
    .oneof(fc.string({ unit: 'binary' }), name, fc.constantFrom('x)or(proc.name!=y'))
    .map((text) => text.replaceAll('\0', ''));
  fc.assert(
    fc.property(name, value, value, fc.boolean(), (rule, first, second, isInFile) => {
      const rows = [[first, second].map((text) => constantText(text, new Set()))];
      const before = isInFile ? withRuleEnabled(written, 'A rule', false) : '';
      const once = withException(before, rule, { ...exception, rows }, false);
      const text = withException(once, rule, { ...exception, rows }, false);
      const entries = parse(text);
      expect(entries.at(-1)).toEqual({
        rule,
        exceptions: [{ name: 'backup', fields: exception.fields, comps: exception.comps, values: rows }],
        override: { exceptions: 'append' },
      });
      const base = [
        { rule, desc: 'd', condition: 'alert.rule exists', output: 'o', priority: 'DEBUG', source: 'alerts' },
      ];
      if (isInFile) base.push({ ...base[0], rule: 'A rule' } as (typeof base)[number]);
      const files = [
        { name: 'base.yaml', text: JSON.stringify(base) },
        { name: 'web-rules.yaml', text },
      ];
      const loaded = loadRules(files, { sources: [alertSource], engineVersion: '0.63.0', plugins: [] });
      expect(loaded.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    }),
    { numRuns: 200 },
  );
});
