/** Rules files made to be too much, and files of any content: loading stays fast and never throws. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFactsCatalogue } from '../testing/facts-catalogue.ts';
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

function codesOf(loaded: LoadedRules<unknown>): readonly string[] {
  return loaded.diagnostics.map(({ code }) => code);
}

describe('limits', () => {
  test('macros that grow without end are refused', () => {
    const macros = Array.from(
      { length: 40 },
      (_, i) => `- macro: m${i + 1}\n  condition: m${i} or m${i}\n`,
    ).join('');
    const loaded = load(`- macro: m0\n  condition: evt.type = open\n${macros}${rule('m40')}`);
    expect(codesOf(loaded)).toEqual(['expansion-too-large']);
  });

  test('lists that grow without end are refused', () => {
    const lists = Array.from(
      { length: 60 },
      (_, i) => `- list: l${i}\n  items: [l${i + 1}, l${i + 1}]\n`,
    ).join('');
    const loaded = load(`${lists}- list: l60\n  items: [abc]\n${rule('proc.name in (l0)')}`);
    expect(codesOf(loaded)).toEqual(['expansion-too-large']);
  });

  test('a list of 100,000 items loads fast', () => {
    const items = Array.from({ length: 100_000 }, (_, i) => `    - item-${i}\n`).join('');
    const loaded = load(`- list: l\n  items:\n${items}${rule('evt.type = open and proc.name in (l)')}`);
    expect(loaded.successful).toBe(true);
  });

  test('macros that nest without end are refused', () => {
    const count = 20_000;
    const chain = (last: string): string =>
      Array.from(
        { length: count },
        (_, i) =>
          `- macro: m${i}\n  condition: ${i + 1 < count ? last.replace('#', String(i + 1)) : 'evt.type = open'}\n`,
      ).join('');
    // The second definitions see every macro.
    const loaded = load(`${chain('evt.type = open')}${chain('m#')}${rule('m0')}`);
    expect(new Set(codesOf(loaded))).toEqual(new Set(['expansion-too-large']));
    const deep = `${'(evt.type = open and (not '.repeat(400)}evt.type = open${'))'.repeat(400)}`;
    const nested = Array.from(
      { length: 10 },
      (_, i) =>
        `- macro: n${i}\n  condition: ${deep.replace('open)', i === 0 ? 'open)' : `open and n${i - 1})`)}\n`,
    );
    expect(codesOf(load(`${nested.join('')}${rule('n9')}`))).toContain('expansion-too-large');
  });

  test('a condition with errors without end tells some of them, fast', () => {
    const loaded = load(rule(Array.from({ length: 50_000 }, (_, i) => `proc.x${i} = 1`).join(' or ')));
    expect(loaded.diagnostics.length).toBeLessThan(100);
    expect(loaded.diagnostics.length).toBeGreaterThan(10);
    expect(
      load(rule('evt.type = open').replace('output: o', `output: '%a.${'b'.repeat(500_000)}'`)).successful,
    ).toBe(false);
  });

  test('nothing that a file may hold makes it throw', () => {
    const scalar = fc.oneof(
      fc.constantFrom(
        'R',
        'm',
        'l',
        'evt.type = open',
        'm and l',
        'proc.name in (l)',
        '',
        '%evt.num',
        'append',
        'INFO',
      ),
      fc.constantFrom('replace', 'proc.name', '=', 'in', '(', 'x y', "'", '"', 'or m', '%'),
      fc.string({ maxLength: 6 }),
      fc.constantFrom(null, true, 5),
    );
    const value = fc.oneof(
      scalar,
      fc.array(fc.oneof(scalar, fc.array(scalar, { maxLength: 2 })), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('name', 'fields', 'comps', 'values', 'condition', 'items'), scalar),
    );
    const key = fc.constantFrom(
      'rule',
      'macro',
      'list',
      'items',
      'condition',
      'output',
      'desc',
      'priority',
      'append',
      'override',
      'exceptions',
      'tags',
      'source',
      'enabled',
      'required_engine_version',
      'required_plugin_versions',
      'bogus',
      'skip-if-unknown-filter',
      'capture_duration',
    );
    const item = fc.dictionary(key, value, { maxKeys: 6 });
    fc.assert(
      fc.property(fc.array(fc.oneof(item, scalar), { maxLength: 6 }), (items) => {
        const loaded = load(JSON.stringify(items));
        for (const { message, trail } of loaded.diagnostics)
          expect([message.length > 0, trail.length > 0]).toContain(true);
      }),
      { numRuns: 1500 },
    );
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (text) => {
        load(text);
      }),
      { numRuns: 1500 },
    );
  });
});
