// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of configuration files, not of templates.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expandEnvironment } from './expand-environment.ts';

const environment = { HOME: '/root', EMPTY: '', NESTED: '${HOME}/x', SELF: '${SELF}', DOLLAR: '$' };

test.each([
  ['plain', 'plain'],
  ['${HOME}', '/root'],
  ['a${HOME}b${EMPTY}c', 'a/rootbc'],
  ['${UNSET}', ''],
  ['$${HOME}', '${HOME}'],
  ['$${HOME}${HOME}', '${HOME}/root'],
  ['${NESTED}', '/root/x'],
  ['$HOME', '$HOME'],
  ['$HOME ${HOME}', '$HOME ${HOME}'],
  ['${HOME', '${HOME'],
  ['5 $ ${HOME}', '5 $ ${HOME}'],
  ['${DOLLAR}{HOME}', '/root'],
  ['${SELF}', '${SELF}'],
])('%s becomes %s', (text, expected) => {
  expect(expandEnvironment(text, environment)).toBe(expected);
});

test('any text ends', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[${}A-Z]{0,20}$/), fc.stringMatching(/^[${}A]{0,8}$/), (text, value) => {
      expect(typeof expandEnvironment(text, { A: value })).toBe('string');
    }),
  );
});
