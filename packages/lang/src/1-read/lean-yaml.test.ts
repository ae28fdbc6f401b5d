/** The lean reader reads what it accepts as the library does; the library is the oracle. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readJsonLines, upstreamRules } from '../../testing/corpora.ts';
import { readLeanYaml } from './lean-yaml.ts';
import { readLibraryYaml } from './library-yaml.ts';
import type { YamlNode } from './yaml-node.ts';

/** A node without what may differ: the ends of block scalars and collections, places of what is not there. */
function outlineOf(node: YamlNode): unknown {
  switch (node.kind) {
    case 'scalar':
      return node.value === '' ? ['', node.style] : [node.value, node.style, node.start];
    case 'sequence':
      return { at: node.start, items: node.items.map(outlineOf) };
    case 'mapping':
      return {
        at: node.start,
        entries: node.entries.map(({ key, value }) => [outlineOf(key), outlineOf(value)]),
      };
  }
}

/** Whether the lean reader took the text, and both agree. */
function agrees(text: string): boolean {
  const lean = readLeanYaml(text);
  if (lean === undefined) return false;
  const library = readLibraryYaml(text);
  if (library.kind !== 'documents') throw new Error(`the library refuses ${JSON.stringify(text)}`);
  expect(lean.map(outlineOf), text).toEqual(library.documents.map(outlineOf));
  return true;
}

describe('lean YAML', () => {
  test.each([
    'a: b\n',
    "- a\n- b: c\n  d: [e, \"f\", 'g''h']\n- {k: v, l: [m]}\n",
    'a: >\n  one\n  two\n\n  three\n    deeper\n  four\n\nb: |-\n  x\n   y\n',
    'a: one\n  two\n\n  three # comment\nb: "x\n  y\n\n  z"\n',
    '# comment\n---\n- a\n---\n- b\n',
    'key:\n- a\n- - b\n  - c\nother: # nothing\nlast: ~\n',
    'a: [b,\n  c, # comment\n  d]\n',
    '\'a b\': "\\x41\\u00e9\\n\\\\"\n',
    'a: |+\n  x\n\nb: c',
    '- a: b\n  c:\n    - d\n-\n  e: f\n',
  ])('reads %j', (text) => {
    expect(agrees(text)).toBe(true);
  });

  test.each([
    'a: &x b\nc: *x\n',
    '%YAML 1.2\n---\na\n',
    '? a\n: b\n',
    'a: !!str b\n',
    '\ta: b\n',
    'a: b: c\n',
    'a: [b\n',
    '[?]',
    '[-]',
  ])('leaves %j to the library', (text) => {
    expect(readLeanYaml(text)).toBeUndefined();
  });

  test('reads the recorded documents', () => {
    const documents = readJsonLines<{ readonly rules: string }>('loading/mutated.jsonl.gz');
    expect(documents.every(({ rules }) => agrees(rules))).toBe(true);
  });

  const published = upstreamRules();
  test.skipIf(published.length === 0)('reads the published rules', () => {
    expect(published.every(({ text }) => agrees(text))).toBe(true);
  });

  test('agrees on whatever it accepts', () => {
    const pieces = [
      'a',
      'b:',
      'c: d',
      '- ',
      '-',
      ':',
      ': ',
      '\n',
      '\n',
      '\n  ',
      '\n    ',
      ' ',
      '  ',
      '[',
      ']',
      '{',
      '}',
      ', ',
      ',',
      '"',
      "'",
      "''",
      '\\"',
      '\\n',
      '|',
      '>',
      '>-',
      '|+',
      '#',
      ' # x',
      '---',
      '...',
      '~',
      'null',
      '&a',
      '*a',
      '!t',
      '?',
      '? ',
      '%',
      '@',
      '`',
      '=',
      'é',
      '\u2028',
      '0',
      'x y',
      'true',
      '=',
      '<',
      '\n- ',
      '\n  - ',
      '\nk: ',
    ];
    const text = fc.array(fc.constantFrom(...pieces), { maxLength: 14 }).map((parts) => parts.join(''));
    let accepted = 0;
    fc.assert(
      fc.property(text, (yaml) => {
        if (agrees(yaml)) accepted++;
      }),
      { numRuns: 4000 },
    );
    expect(accepted).toBeGreaterThan(200);
  });
});

describe('library YAML', () => {
  test('follows aliases without copying', () => {
    const result = readLibraryYaml('a: &x [1, 2]\nb: *x\n');
    const [document] = result.kind === 'documents' ? result.documents : [];
    const values = document?.kind === 'mapping' ? document.entries.map(({ value }) => value) : [];
    expect(values[0]).toBeDefined();
    expect(values[0]).toBe(values[1]);
  });

  test('refuses alias bombs', () => {
    const levels = Array.from({ length: 40 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`);
    expect(readLibraryYaml(`a0: &a0 x\n${levels.join('\n')}\n`).kind).toBe('too-large');
  });

  test('refuses nesting that is too deep', () => {
    expect(readLibraryYaml('['.repeat(200_000)).kind).not.toBe('documents');
  });
});
