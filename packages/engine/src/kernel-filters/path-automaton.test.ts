/** What the automaton takes, held against paths that are resolved and matched one by one. */

import { resolvePath, UNKNOWN_BASE } from '@peregrine/state';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildPathAutomaton, walkPath } from './path-automaton.ts';
import type { PathPattern, PatternStep } from './path-pattern.ts';

const letters = ['a', 'b', '/', '.', '\xff'];
const step: fc.Arbitrary<PatternStep> = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...letters).map((sign) => sign.charCodeAt(0)) },
  { weight: 1, arbitrary: fc.constantFrom<PatternStep>('any', 'any-run', 'name-run') },
);
const pattern = fc.record({
  subject: fc.constantFrom<PathPattern['subject']>('resolved', 'given'),
  steps: fc.array(step, { maxLength: 8 }),
  text: fc.constant(''),
});
const path = fc
  .array(fc.constantFrom(...letters, '/', '..', '/a/', 'x'), { maxLength: 12 })
  .map((parts) => parts.join(''));
const base = fc.constantFrom('/', '/a', '/a/b/', '/.a/b', '/a/b/a/b', UNKNOWN_BASE, '');

function asRegExp(steps: readonly PatternStep[]): RegExp {
  const parts = steps.map((step) => {
    switch (step) {
      case 'any':
        return '[^]';
      case 'any-run':
        return '[^]*';
      case 'name-run':
        return '[^/]*';
      default:
        return `\\x${step.toString(16).padStart(2, '0')}`;
    }
  });
  return new RegExp(`^${parts.join('')}$`);
}

/** As the caller gave it, with repeated slashes as one. */
const tidy = (given: string): string => given.replaceAll(/\/+/g, '/');

/** Patterns that a path matches, as bits. */
function matchesOf(patterns: readonly PathPattern[], given: string, from: string): number {
  const resolved = resolvePath(from, given);
  return patterns.reduce(
    (bits, { subject, steps }, index) =>
      asRegExp(steps).test(subject === 'given' ? tidy(given) : resolved) ? bits | (1 << index) : bits,
    0,
  );
}

const outputOf = (matched: ReadonlySet<number>): number =>
  [...matched].reduce((bits, index) => bits | (1 << index), 0);
const limits = { outputOf, mostCells: 1_000_000, mostOutputs: 1_000 };

test('takes every path that a pattern matches, wherever it starts from', () => {
  fc.assert(
    fc.property(fc.array(pattern, { maxLength: 5 }), path, base, (patterns, given, from) => {
      const automaton = buildPathAutomaton(patterns, limits);
      if (automaton === undefined) return;
      const taken = automaton.outputs[walkPath(automaton, given)] ?? 0;
      const matched = matchesOf(patterns, given, from);
      expect(matched & ~taken, `${given} from ${from}`).toBe(0);
    }),
    { numRuns: 3_000 },
  );
});

test('takes no other path where nothing has to be resolved', () => {
  const clean = fc.array(fc.constantFrom('a', 'b', 'ab', 'x', 'a.b', '\xff'), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(fc.array(pattern, { maxLength: 5 }), clean, (patterns, names) => {
      const automaton = buildPathAutomaton(patterns, limits);
      const given = `/${names.join('/')}`;
      if (automaton === undefined) return;
      expect(automaton.outputs[walkPath(automaton, given)]).toBe(matchesOf(patterns, given, '/'));
    }),
    { numRuns: 3_000 },
  );
});

test('an automaton that would be too large is none', () => {
  const steps = (text: string): readonly PatternStep[] => Array.from(text, (sign) => sign.charCodeAt(0));
  const many: readonly PathPattern[] = Array.from({ length: 200 }, (_, index) => ({
    subject: 'resolved',
    steps: ['any-run', ...steps(`/${index}`), 'any-run', ...steps(`x${index}`)],
    text: '',
  }));
  expect(buildPathAutomaton(many, { outputOf: () => 0, mostCells: 20_000, mostOutputs: 2 })).toBeUndefined();
});
