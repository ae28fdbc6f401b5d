import { expect, test } from 'vitest';
import { conditionTokens } from './condition-tokens.ts';

const vocabulary = {
  operators: new Set(['in', 'contains', 'exists']),
  fields: new Set(['proc.name', 'proc.aname', 'evt.arg', 'fd.num']),
  names: new Set(['spawned', 'shells']),
};
const shown = (text: string): readonly string[] =>
  conditionTokens(text, vocabulary).map(({ from, to, kind }) => `${kind}:${text.slice(from, to)}`);

test.each([
  [
    'spawned and proc.name in (shells, bash)',
    ['name:spawned', 'connective:and', 'field:proc.name', 'operator:in', 'name:shells'],
  ],
  [
    'not proc.aname[2] = "a \\" and"',
    ['connective:not', 'field:proc.aname[2]', 'operator:=', 'text:"a \\" and"'],
  ],
  ['evt.arg.flags contains O_RDWR # and so', ['field:evt.arg.flags', 'operator:contains']],
  ['fd.num>=3', ['field:fd.num', 'operator:>=', 'number:3']],
  ['日本語 or unknown.field exists', ['connective:or', 'operator:exists']],
])('%s', (text, expected) => {
  expect(shown(text)).toEqual(expected);
});
