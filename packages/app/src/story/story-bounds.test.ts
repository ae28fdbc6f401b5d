/** What is told is what hubs take, however large or deep the rule is. */

import { readBody } from '@peregrine/hub';
import { expect, test } from 'vitest';
import { replayWithStories } from '../../testing/story-replay.ts';

const rule = (condition: string): string => `
- rule: Shadow
  desc: d
  condition: evt.type in (open, openat) and fd.name = /etc/shadow and (${condition})
  output: o %fd.name
  priority: WARNING
`;
const many = (count: number, one: (i: number) => string, operator: string): string =>
  Array.from({ length: count }, (_, i) => one(i)).join(` ${operator} `);

/** Each a macro of the one before. */
const macros = (count: number): string =>
  Array.from({ length: count }, (_, i) => {
    const before = i === 0 ? 'proc.name != x' : `(m${i - 1} and proc.name != y)`;
    return `- macro: m${i}\n  condition: ${before}\n`;
  }).join('');

test.each([
  ['wide', rule(many(2_000, (i) => `proc.name != n${i}`, 'and'))],
  ['of many parts that failed', rule(`${many(2_000, (i) => `proc.name = n${i}`, 'or')} or proc.name != x`)],
  ['deep', rule(`${'not ('.repeat(100)}proc.name != x${')'.repeat(100)}`)],
  ['deep by macros', `${macros(60)}${rule('m59')}`],
  ['with a long list', rule(`not proc.name in (${many(3_000, (i) => `a-rather-long-name-${i}`, ',')})`)],
  ['with a long word', rule(`proc.name != ${'日本語'.repeat(3_000)}`)],
])('a condition that is %s', (_, text) => {
  const { alerts } = replayWithStories('host', text);
  const [alert] = alerts;
  const story = alert?.story;
  expect(story?.condition).toMatchObject({ holds: true, text: 'and' });
  expect(Buffer.byteLength(JSON.stringify(story))).toBeLessThanOrEqual(64 * 1024);
  const posted = {
    ...{ rule: 'Shadow', priority: 'Warning', output: 'o', time: '2026-11-26T20:00:00Z' },
    ...{ output_fields: { a: 1 }, story },
  };
  const { items } = readBody(JSON.stringify(posted), false);
  expect(items).toMatchObject([{ story: JSON.parse(JSON.stringify(story)) }]);
  // What decided is there, whatever had no room.
  const parts = story?.condition?.terms?.at(-1);
  expect(parts?.holds).toBe(true);
});

test('a condition that would keep events waiting is not told', () => {
  const [alert] = replayWithStories('host', rule(many(9_000, (i) => `proc.name != n${i}`, 'and'))).alerts;
  expect(alert?.story?.process?.name).toBe('cat');
  expect(alert?.story?.condition).toBeUndefined();
  expect(alert?.story?.note).toBe('the condition is too long to be told');
});

test('what comes after is taken, too', () => {
  const { continuations } = replayWithStories('container', rule('proc.name != x'));
  expect(continuations).not.toEqual([]);
  for (const { key, after } of continuations) {
    const { items } = readBody(JSON.stringify({ story_of: key, after }), false);
    expect(items).toEqual([{ key, after }]);
  }
});
