/** The default rules load without a complaint, and each does what its scenarios in rules/tests say. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRuleset, type Ruleset } from '@peregrine/engine';
import { createSyscallSource, HostNames } from '@peregrine/fields';
import { loadRules } from '@peregrine/lang';
import type { EventContext } from '@peregrine/state';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseAddress } from '../tools/scenarios/addresses.ts';
import { alertsOf } from '../tools/scenarios/run.ts';
import { readScenarioFile, type Scenario } from '../tools/scenarios/scenario.ts';

const RULES_FILE = 'peregrine_rules.yaml';
const addressesByName: Readonly<Record<string, string>> = {
  'kubernetes.default.svc.cluster.local': '10.96.0.1',
};

const hostNames = new HostNames(
  async (name) => {
    const address = addressesByName[name];
    return address === undefined ? [] : [parseAddress(address)];
  },
  () => 0,
);
const source = createSyscallSource({ hostNames });
const defaultRules = {
  name: RULES_FILE,
  text: readFileSync(join(import.meta.dirname, RULES_FILE), 'utf8'),
};
const catalogue = {
  sources: [source],
  engineVersion: '0.57.0',
  plugins: [{ name: 'container', version: '0.4.0' }],
};
const rulesetOptions = { matching: 'all', isTimeIso8601: false, isBufferBase64: false } as const;
const loaded = loadRules([defaultRules], catalogue);
const scenarioFiles = readdirSync(join(import.meta.dirname, 'tests'))
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => ({
    name,
    ...readScenarioFile(readFileSync(join(import.meta.dirname, 'tests', name), 'utf8')),
  }));

let ruleset: Ruleset<EventContext> | undefined;
beforeAll(async () => {
  ruleset = createRuleset(loaded.rules, source, rulesetOptions);
  await hostNames.refresh(AbortSignal.timeout(1_000));
});

test('no errors, no warnings', () => {
  expect(loaded.diagnostics.map(({ code, message }) => `${code}: ${message}`)).toEqual([]);
  expect(loaded.rules.length).toBeGreaterThanOrEqual(25);
});

test('every rule is enabled, described, and tagged with a tactic', () => {
  const lacking = loaded.rules.filter(
    (rule) =>
      !rule.isEnabled || rule.description === '' || !rule.tags.some((tag) => tag.startsWith('mitre_')),
  );
  expect(lacking.map((rule) => rule.name)).toEqual([]);
});

test('every rule has scenarios under its own name, at least two of each kind', () => {
  const lacking = loaded.rules.filter((rule) => {
    const file = scenarioFiles.find(({ name }) => name === `${slugOf(rule.name)}.yaml`);
    return file?.rule !== rule.name || file.matches.length < 2 || file.misses.length < 2;
  });
  expect(lacking.map((rule) => rule.name)).toEqual([]);
  expect(scenarioFiles).toHaveLength(loaded.rules.length);
});

test('a hook that a user replaces silences its rule, and that rule alone', () => {
  const own = `- macro: user_known_read_sensitive_files_activities\n  condition: (proc.exepath = /usr/bin/cat)\n`;
  const changed = loadRules([defaultRules, { name: 'own.yaml', text: own }], catalogue);
  expect(changed.successful).toBe(true);
  const file = scenarioFiles.find(({ rule }) => rule === 'Read sensitive file untrusted');
  const [byCat, byScript] = file?.matches ?? [];
  if (byCat === undefined || byScript === undefined) throw new Error('the scenarios are gone');
  const rules = createRuleset(changed.rules, source, rulesetOptions);
  expect(alertsOf(byCat, rules)).toEqual([]);
  expect(alertsOf(byScript, rules)).toHaveLength(1);
});

describe.each(scenarioFiles)('$rule', ({ rule, matches, misses }) => {
  test.each(matches)('matches: $title', (scenario) => {
    expect(rulesThatMatch(scenario)).toContain(rule);
  });

  test.each(misses)('misses: $title', (scenario) => {
    expect(rulesThatMatch(scenario)).not.toContain(rule);
  });
});

function rulesThatMatch(scenario: Scenario): readonly string[] {
  if (ruleset === undefined) throw new Error('the rules were not compiled');
  return alertsOf(scenario, ruleset).map((alert) => alert.rule);
}

function slugOf(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
}
