/** Rules of the source `k8s_audit`: loaded and checked beside those of the kernel's events, and run by themselves. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { setupOf } from '../../testing/setup.ts';
import { prepareJsonRules, prepareRules } from '../detection/detector.ts';
import { listRules } from './inspect-rules.ts';
import { listSources } from './list-catalogue.ts';
import { notesOnRules } from './notes.ts';

const auditRule = `
- required_plugin_versions:
    - {name: k8saudit, version: 0.7.0, alternatives: [{name: k8saudit-eks, version: 0.4.0}]}
    - {name: json, version: 0.7.0}
- rule: Secret read
  desc: Somebody read a secret.
  source: k8s_audit
  condition: ka.verb = get and ka.target.resource = secrets and jevt.value[/stage] = ResponseComplete
  output: secret %ka.target.name read by %ka.user.name
  priority: NOTICE
`;
const kernelRule = `
- rule: Shadow read
  desc: Somebody read the password file.
  condition: evt.type in (open, openat) and fd.name = /etc/shadow
  output: read by %proc.name
  priority: WARNING
`;

test('rules of both sources load together, and run apart', () => {
  const setup = setupOf([auditRule, kernelRule]);
  const { rules, report } = listRules(setup);
  expect(report.files.flatMap(({ diagnostics }) => diagnostics)).toEqual([]);
  expect(rules.map(({ name, source }) => `${name} ${source}`)).toEqual([
    'Secret read k8s_audit',
    'Shadow read syscall',
  ]);
  const { ruleset } = prepareRules(setup);
  expect(ruleset?.rules.map(({ name }) => name)).toEqual(['Shadow read']);
  const audit = prepareJsonRules(setup, 'k8s_audit').ruleset;
  expect(audit?.rules.map(({ name }) => name)).toEqual(['Secret read']);
});

test('a line says which rules see no event', () => {
  expect(notesOnRules(prepareRules(setupOf([auditRule, kernelRule])).report)).toEqual([
    '1 of the rules that are on are for `k8s_audit`: they are checked, but nothing gives events of that source: `plugins` says where they come from',
  ]);
  expect(notesOnRules(prepareRules(setupOf([kernelRule])).report)).toEqual([]);
  const fed = 'plugins: [{name: k8saudit, open_params: "http://127.0.0.1:9765/k8s-audit"}]';
  expect(notesOnRules(prepareRules(setupOf([auditRule], fed)).report)).toEqual([]);
});

test('a field of one source is none of the other', () => {
  const { report } = listRules(setupOf([auditRule.replace('ka.verb = get', 'proc.name = cat')]));
  expect(report.isUsable).toBe(false);
});

test('its fields are listed', () => {
  const audit = listSources().find(({ name }) => name === 'k8s_audit');
  expect(audit?.fields.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['ka.verb', 'json.value', 'evt.time']),
  );
});

const upstream = join(import.meta.dirname, '../../../../../shared/upstream');
const names = [
  'falco_rules.yaml',
  'falco-incubating_rules.yaml',
  'falco-sandbox_rules.yaml',
  'k8s_audit_rules.yaml',
];
const isThere = existsSync(join(upstream, 'k8s_audit_rules.yaml'));

test.skipIf(!isThere)(isThere ? 'upstream rules' : 'upstream rules (skipped: not at hand)', () => {
  const texts = names.map((name) => readFileSync(join(upstream, name), 'utf8'));
  expect(listRules(setupOf(texts.slice(-1))).report).toMatchObject({ isUsable: true, ruleCount: 48 });
  expect(listRules(setupOf(texts)).report).toMatchObject({ isUsable: true, ruleCount: 141 });
});
