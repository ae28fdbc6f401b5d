/** Diagnostics as people and Falco's users see them; every kind is declared in full. */

import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createFactsCatalogue } from '../../testing/facts-catalogue.ts';
import { loadRules } from '../load.ts';
import { renderFalcoLoadResults } from './falco-results.ts';
import { renderDiagnostics } from './render.ts';
import { diagnosticRoster } from './roster.ts';

const text = [
  '- rule: R',
  '  desc: d',
  '  condition: evt.type = open and proc.nmae = x',
  '  output: o',
  '  priority: INFO',
  '  tag: [a]',
  '',
].join('\n');
const sources = new Map([['rules.yaml', text]]);
const loaded = loadRules([{ name: 'rules.yaml', text }], createFactsCatalogue());

describe('roster', () => {
  test('codes are unique and well formed', () => {
    const codes = diagnosticRoster.map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
    for (const { code, doc, falcoCode } of diagnosticRoster) {
      expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(doc).toMatch(/^[A-Z].*\.$/);
      if (falcoCode !== undefined) expect(falcoCode).toMatch(/^LOAD_[A-Z_]+$/);
    }
  });

  test('every file of declarations is in it', () => {
    const others = [
      'diagnostics.test.ts',
      'falco-results.ts',
      'flat.ts',
      'nearest.ts',
      'render.ts',
      'roster.ts',
    ];
    const files = readdirSync(new URL('.', import.meta.url)).filter((name) => !others.includes(name));
    expect(files.sort()).toEqual(['conditions.ts', 'semantics.ts', 'structure.ts', 'warnings.ts']);
  });
});

test('renderDiagnostics shows the line and what to do', () => {
  expect(renderDiagnostics(loaded.diagnostics, sources)).toBe(
    [
      'error[field-unknown]: unknown field `proc.nmae`',
      ' --> rules.yaml:3:34',
      '  |',
      '3 |   condition: evt.type = open and proc.nmae = x',
      '  |                                  ^^^^^^^^^',
      '  = in rule `R`',
      '  = hint: did you mean `proc.name`?',
      '',
      'warning[key-unknown]: unknown key `tag`: it is left out',
      ' --> rules.yaml:6:3',
      '  |',
      '6 |   tag: [a]',
      '  |   ^^^',
      '  = in rule `R`',
      '  = hint: did you mean `tags`?',
      '',
    ].join('\n'),
  );
  expect(renderDiagnostics(loaded.diagnostics, sources, { colour: true })).toContain('\x1b[31m');
});

test('renderFalcoLoadResults has the contexts of the reference', () => {
  const { json, text: summary } = renderFalcoLoadResults(loaded.files, sources);
  const [result] = JSON.parse(json).falco_load_results;
  expect(result).toMatchObject({ name: 'rules.yaml', successful: false });
  expect(result.errors[0]).toMatchObject({
    code: 'LOAD_ERR_COMPILE_CONDITION',
    codedesc: 'Error compiling condition',
    context: {
      locations: [
        { item_type: 'rules content', position: { name: 'rules.yaml', line: 0, column: 0 } },
        { item_type: 'rule', item_name: 'R', position: { line: 0, column: 2 } },
        { item_type: 'rule condition', position: { line: 2, column: 13 } },
        {
          item_type: 'condition expression',
          position: { name: '"evt.type = open a..."', line: 3, column: 34 },
        },
      ],
    },
  });
  expect(summary).toMatch(/^rules\.yaml: Invalid\n1 Errors:\nIn rules content: \(rules\.yaml:0:0\)\n/);
  expect(summary).toContain('LOAD_UNKNOWN_KEY (Unknown key in item definition): ');
});

test('long lines are cut around the place', () => {
  const long = `- rule: R\n  desc: d\n  condition: ${'evt.type = open or '.repeat(50)}proc.nmae = x\n  output: o\n  priority: INFO\n`;
  const { diagnostics } = loadRules([{ name: 'rules.yaml', text: long }], createFactsCatalogue());
  const lines = renderDiagnostics(diagnostics, new Map([['rules.yaml', long]])).split('\n');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(180);
  const caret = lines.findIndex((line) => line.includes('^'));
  const column = lines[caret]?.indexOf('^') ?? 0;
  expect(lines[caret - 1]?.slice(column)).toMatch(/^proc\.nmae/);
});
