import type { StoryTerm } from '@peregrine/api/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { highlightCondition, leavesOf } from './condition.ts';

const test1 = (text: string, holds = true, value?: string): StoryTerm => ({ text, holds, value });
const both = (...terms: StoryTerm[]): StoryTerm => ({
  text: 'and',
  holds: terms.every(({ holds }) => holds),
  terms,
});

const marked = (condition: string, term: StoryTerm): string =>
  highlightCondition(condition, term)
    .map(({ text, term: of }) =>
      of === undefined ? text : `${of.holds ? '[' : '{'}${text}${of.holds ? ']' : '}'}`,
    )
    .join('');

const macro = (name: string, ...terms: StoryTerm[]): StoryTerm => ({ ...both(...terms), text: name });

test.each([
  [
    'proc.name = bash and fd.num=3',
    both(test1('proc.name = bash'), test1('fd.num = 3', false)),
    '[proc.name = bash] and {fd.num=3}',
  ],
  ['proc.name in ("a", b)\n  and x', test1('proc.name in (a, b)'), '[proc.name in ("a", b)]\n  and x'],
  ['proc.pname = a and proc.name = a', test1('name = a'), 'proc.pname = a and proc.name = a'],
  ['spawned_process', test1('evt.type = execve'), 'spawned_process'],
  ['a.b = 1 or a.b = 1', both(test1('a.b = 1'), test1('a.b = 1', false)), '[a.b = 1] or {a.b = 1}'],
  ['a.b = 10', test1('a.b = 1'), 'a.b = 10'],
  [
    'spawned_process and not container and proc.name in (shells, x)',
    both(
      macro('spawned_process', test1('evt.type in (execve, execveat)'), test1('evt.rawres = 0')),
      { text: 'not', holds: true, terms: [macro('container', test1('container.id != host', false))] },
      test1('proc.name in (sh, bash, x)'),
    ),
    '[spawned_process] and not {container} and [proc.name in (shells, x)]',
  ],
  [
    'fd.name in (secrets) or fd.name in (/a, /b)',
    both(test1('fd.name in (/x, /y)', false), test1('fd.name in (/a, /b)')),
    '{fd.name in (secrets)} or [fd.name in (/a, /b)]',
  ],
  [
    'evt.type = execve and evt.rawres == 0 and container.id != host',
    both(
      macro('spawned_process', test1('evt.type = execve'), test1('evt.rawres = 0')),
      macro('container', test1('x = 1')),
    ),
    '[evt.type = execve] and [evt.rawres == 0] and container.id != host',
  ],
  [
    'proc.name in ("container", y) and container',
    macro('container', test1('a = b')),
    'proc.name in ("container", y) and [container]',
  ],
  [
    'long in (names)',
    test1(`long in (${Array.from({ length: 300 }, (_, i) => `n${i}`).join(', ')}…`, false),
    '{long in (names)}',
  ],
  ['fd.name contains "x (y"', test1('fd.name contains "x (y"'), '[fd.name contains "x (y"]'],
])('%s', (condition, term, expected) => {
  expect(marked(condition, term)).toBe(expected);
});

test('leaves are the tests', () => {
  expect(leavesOf(both(test1('a'), both(test1('b'), test1('c')))).map(({ text }) => text)).toEqual([
    'a',
    'b',
    'c',
  ]);
});

test('the segments are the text, whatever the tests are', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }),
      fc.array(fc.string({ unit: 'grapheme' })),
      (condition, texts) => {
        const segments = highlightCondition(
          condition,
          both(...texts.map((text) => test1(text)), macro(texts[0] ?? 'm', test1('a'))),
        );
        expect(segments.map(({ text }) => text).join('')).toBe(condition);
        expect(highlightCondition(condition, undefined)).toEqual([{ text: condition }]);
      },
    ),
  );
});
