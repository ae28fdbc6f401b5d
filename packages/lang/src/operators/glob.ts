/** `glob` and `iglob`: shell patterns over the whole field. */

import { compileGlob, type GlobOptions } from './glob-pattern.ts';
import type { Operator } from './operator.ts';
import { byteTextOf, never, textOf } from './scalar.ts';

function prepareGlob(options: GlobOptions): Operator['prepare'] {
  return ([constant]) => {
    if (constant === undefined) return never;
    const test = compileGlob(textOf(constant), options);
    return (left) => typeof left === 'string' && test(left);
  };
}

const shared = {
  families: ['text'],
  takesLists: false,
  right: 'one',
  takesModifier: true,
  takesOperand: true,
} as const satisfies Partial<Operator>;

export const glob: Operator = {
  ...shared,
  symbol: 'glob',
  doc: 'The whole field matches the shell pattern; `*` and `?` match slashes and leading dots too.',
  holds: [
    ['/home/ann/.ssh/id_rsa', '/home/*/.ssh/*'],
    ['a/b/c', 'a*c'],
    ['abc', '?b[a-d]'],
    ['a-c', 'a[!0-9]c'],
    ['a*c', 'a\\*c'],
    ['a7', 'a[[:digit:]]'],
    ['a]', 'a[]]'],
    ['[x', '[x'],
    ['', '*'],
  ],
  fails: [
    ['/home/.ssh', '/home/*/.ssh/*'],
    ['abc', 'ab'],
    ['abc', '?c'],
    ['abc', 'a\\*c'],
    ['ABC', 'abc'],
    ['aa', 'a*aa'],
    ['a\\', 'a\\'],
  ],
  prepare: prepareGlob({ isCaseFolded: false }),
  compareValues: (left, right) => compileGlob(byteTextOf(right), { isCaseFolded: false })(byteTextOf(left)),
};

export const iglob: Operator = {
  ...shared,
  symbol: 'iglob',
  doc: 'As `glob`, but ASCII letters match in either case.',
  holds: [
    ['/Home/ANN', '/hOME/*'],
    ['ABC', '[a-c]?[A-C]'],
  ],
  fails: [['/Home', '/hOME/*']],
  prepare: prepareGlob({ isCaseFolded: true }),
  compareValues: (left, right) => compileGlob(byteTextOf(right), { isCaseFolded: true })(byteTextOf(left)),
};
