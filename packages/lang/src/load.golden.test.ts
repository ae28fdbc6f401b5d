/** Loading against what the reference said: success, the first error and its place, warnings. */

import { readFileSync } from 'node:fs';
import type { Diagnostic } from '@peregrine/base';
import { describe, expect, test } from 'vitest';
import { readJsonLines, sharedPath, upstreamRules } from '../testing/corpora.ts';
import { createFactsCatalogue } from '../testing/facts-catalogue.ts';
import { loadRules } from './load.ts';

interface Finding {
  readonly code: string;
  readonly item_type: string;
  readonly item_name: string;
  readonly line: number;
  readonly column: number;
}

interface LoadingCase {
  readonly rules: string;
  readonly successful: boolean;
  readonly errors: readonly Finding[];
  readonly warnings: readonly Finding[];
}

interface ConditionCase {
  readonly condition: string;
  readonly valid: boolean;
  readonly error: string | null;
  readonly warnings: readonly string[];
}

const catalogue = createFactsCatalogue();
const options = { outputAdditions: [{ suggestsFields: true }] };

function placeOf(diagnostic: Diagnostic): Finding {
  const last = diagnostic.trail[diagnostic.trail.length - 1];
  return {
    code: diagnostic.falcoCode ?? '',
    item_type: last?.kind ?? '',
    item_name: last === undefined || last.kind === 'condition expression' ? '' : last.name,
    line: (last?.span.start.line ?? 0) - 1,
    column: (last?.span.start.column ?? 0) - 1,
  };
}

function codesOf(diagnostics: readonly Diagnostic[]): readonly string[] {
  return [...new Set(diagnostics.flatMap(({ falcoCode }) => falcoCode ?? []))].sort();
}

function expectSame(golden: LoadingCase): void {
  const [result] = loadRules([{ name: 'rules.yaml', text: golden.rules }], catalogue, options).files;
  if (result === undefined) throw new Error('no result');
  expect(result.successful, golden.rules).toBe(golden.successful);
  const [error] = result.errors;
  const [wanted] = golden.errors;
  if (wanted !== undefined) {
    const { code, item_type, item_name, line, column } = wanted;
    expect(error && placeOf(error), golden.rules).toEqual({ code, item_type, item_name, line, column });
  }
  const warned = codesOf(result.warnings);
  const wantedWarnings = [...new Set(golden.warnings.map(({ code }) => code))].sort();
  // The reference stops at an error, so that it may have said less.
  if (golden.successful) expect(warned, golden.rules).toEqual(wantedWarnings);
  else expect(warned, golden.rules).toEqual(expect.arrayContaining(wantedWarnings));
}

describe('loading', () => {
  test('mutated documents', () => {
    const cases = readJsonLines<LoadingCase>('loading/mutated.jsonl.gz');
    expect(cases.length).toBe(349);
    cases.forEach(expectSame);
  });

  const upstreamCases = sharedPath('golden/loading/upstream.json');
  test.skipIf(upstreamCases === undefined)("documents of the reference's own tests", () => {
    if (upstreamCases === undefined) return;
    const cases = JSON.parse(readFileSync(upstreamCases, 'utf8')) as readonly LoadingCase[];
    expect(cases.length).toBeGreaterThan(100);
    cases.forEach(expectSame);
  });
});

describe.each(['host', 'container'])('conditions on %s', (capture) => {
  test('verdicts and warnings', () => {
    const cases = readJsonLines<ConditionCase>(`conditions/${capture}.jsonl.gz`);
    expect(cases.length).toBe(500);
    for (const { condition, valid, error, warnings } of cases) {
      const text = JSON.stringify([{ rule: 'r', desc: 'd', priority: 'INFO', output: 'o', condition }]);
      const [result] = loadRules([{ name: 'rules.yaml', text }], catalogue).files;
      expect(result?.successful, condition).toBe(valid);
      if (valid) expect(codesOf(result?.warnings ?? []), condition).toEqual([...new Set(warnings)].sort());
      else expect(result?.errors[0]?.falcoCode, condition).toBe(error);
    }
  });
});

describe('published rules', () => {
  const files = upstreamRules();
  const both = createFactsCatalogue(['syscall', 'k8s_audit']);

  test.skipIf(files.length === 0)('all load', () => {
    for (const file of files) {
      const loaded = loadRules([file], both, options);
      expect(loaded.files[0]?.errors, file.name).toEqual([]);
      const names = new Set([...file.text.matchAll(/^- rule: (.*)$/gm)].map(([, name]) => name));
      expect(loaded.rules.length, file.name).toBe(names.size);
    }
  });

  test.skipIf(files.length === 0)('together as well', () => {
    const names = ['falco_rules.yaml', 'falco-incubating_rules.yaml', 'falco-sandbox_rules.yaml'];
    const wanted = names.flatMap((name) => files.find((file) => file.name === name) ?? []);
    const loaded = loadRules(wanted, both, options);
    expect(loaded.diagnostics).toEqual([]);
    expect(loaded.rules.length).toBe(93);
  });
});
