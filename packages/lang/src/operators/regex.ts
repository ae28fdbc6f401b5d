/** `regex`: POSIX extended expressions over the whole field, in linear time whatever the input. */

import type { Operator } from './operator.ts';
import { compileRegex } from './regex-pattern.ts';
import { never, textOf } from './scalar.ts';

export const regex: Operator = {
  symbol: 'regex',
  doc: 'The whole field matches the POSIX extended regular expression.',
  families: ['text'],
  takesLists: false,
  right: 'one',
  takesModifier: true,
  takesOperand: false,
  holds: [
    ['/etc/cron.daily/x', '/etc/cron[.](daily|hourly)/.*'],
    ['aaa', 'a+'],
    ['a1', '[[:alpha:]][[:digit:]]'],
    ['\xc3\xa9', '.'],
    ['\xff', '\xef\xbf\xbd'],
    ['abab', '(ab){2}'],
  ],
  fails: [
    ['xaaa', 'a+'],
    ['a\nb', 'a.b'],
    ['A', 'a'],
    ['', 'a'],
  ],
  refuses: (constant) => {
    const compiled = compileRegex(constant);
    return typeof compiled === 'string' ? compiled : undefined;
  },
  prepare: ([constant]) => {
    const test = constant === undefined ? never : compileRegex(textOf(constant));
    if (typeof test === 'string') return never;
    return (left) => typeof left === 'string' && test(left);
  },
};
