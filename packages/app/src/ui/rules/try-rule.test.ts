import type { HubAlert } from '@peregrine/alert';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  alertOf,
  asked,
  BASE_NS,
  keep,
  openRulesInterface,
  type RulesInterface,
} from '../../../testing/rules-interface.ts';
import { MANAGED_NAME } from './rule-book.ts';
import { compileJudge } from './try-rule.ts';

let all: RulesInterface;
beforeAll(async () => {
  all = await openRulesInterface({
    rules: ruleOf('proc.name = cat'),
    nowMs: () => Number(BASE_NS / 1_000_000n),
  });
});
afterAll(() => all.close());

const ruleOf = (condition: string, source = 'syscall'): string =>
  `- rule: R\n  desc: d\n  condition: ${JSON.stringify(condition)}\n  output: o\n  priority: NOTICE\n  source: ${source}\n`;
const full: HubAlert['fields'] = {
  'evt.type': 'openat',
  'proc.name': 'sh',
  'proc.pid': 12,
  'fd.name': '/etc/shadow',
  'fd.sport': 443,
  'user.uid': 0,
  'proc.aname': 'init',
  'container.name': '日本',
  'user.name': '<NA>',
  'fd.snet': '10.0.0.1',
};

describe('what a condition says of an alert', () => {
  const cases: readonly (readonly [string, boolean | 'unknown'])[] = [
    ['proc.name = sh', true],
    ['proc.name = bash', false],
    ['proc.pname = sh', 'unknown'],
    ['not proc.pname = sh', 'unknown'],
    ['proc.name = sh and proc.pname = sh', 'unknown'],
    ['proc.name = bash and proc.pname = sh', false],
    ['proc.name = sh or proc.pname = sh', true],
    ['proc.name = bash or proc.pname = sh', 'unknown'],
    ['proc.pid > 9', true],
    ['proc.pid > 90', false],
    ['proc.pid in (11, 12)', true],
    ['fd.name startswith /etc', true],
    ['fd.name pmatch (/etc, /usr)', true],
    ['evt.type in (open, openat)', true],
    ['fd.sport = https', true],
    ['user.uid != 0', false],
    ['container.name = "日本"', true],
    ['container.name contains "\\"x y"', false],
    ['user.name = root', 'unknown'],
    ['proc.aname = init', true],
    ['proc.aname = systemd', 'unknown'],
    ['fd.name exists', true],
    ['fd.snet = "10.0.0.0/8"', 'unknown'],
    ['toupper(proc.name) = SH', 'unknown'],
  ];
  test.each(cases)('%s: %s', (condition, wanted) => {
    const { rules, setup } = all.book.stateOf([{ name: 'r.yaml', text: ruleOf(condition) }]);
    const checked = rules.get('R')?.checked;
    if (checked === undefined) throw new Error(setup.loaded.diagnostics[0]?.message);
    const missing = new Set<string>();
    expect(compileJudge(checked.condition)(alertOf({ fields: full }), missing)).toBe(wanted);
    expect(missing.size > 0).toBe(wanted === 'unknown');
  });
});

test('a rule is tried on stored alerts of its source, with what they lack', async () => {
  await keep(all.store, [
    alertOf({ fields: full }),
    alertOf({ fields: { 'proc.name': 'zsh' } }),
    alertOf({ fields: { 'fd.name': '/a' } }),
    alertOf({ fields: full, source: 'k8s_audit' }),
  ]);
  const text = '- rule: R\n  condition: proc.name = sh\n  override:\n    condition: replace\n';
  const attempt = (rule: string) =>
    asked<'tryRules'>({ body: { name: MANAGED_NAME, text, rule, filter: {} } });
  const answer = await all.rules.tryRules(attempt('R'));
  expect(answer).toMatchObject({
    ...{ examined: 3, matches: 1, unknown: 1, isComplete: true },
    missingFields: [{ name: 'proc.name', count: 1 }],
    samples: [{ fields: { 'proc.name': 'sh' } }],
  });
  await expect(all.rules.tryRules(attempt('None'))).rejects.toMatchObject({ status: 404 });
});
