import { parseJson } from '@peregrine/alert';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeContinuation, decodeStory } from './decode-story.ts';
import { readBody } from './read-body.ts';

const process = { pid: 7, name: 'sh', exePath: '/bin/sh', cmdline: 'sh -c 日本', user: 'root' };
const event = {
  timeNs: '1700000000000000001',
  type: 'open',
  pid: 7,
  processName: 'sh',
  text: 'opened /etc/shadow',
};
const whole = {
  key: 'k',
  process: { ...process, startNs: '1', containerId: 'c', isGone: true },
  ancestors: [process],
  siblings: [],
  children: [process, process],
  before: [event],
  after: [{ ...event, isAlert: true }],
  condition: { holds: true, text: 'and', terms: [{ holds: true, text: 'proc.name = sh', value: 'sh' }] },
  note: 'much was left out',
};

function parsed(json: unknown) {
  const result = parseJson(JSON.stringify(json));
  if ('problem' in result) throw new Error(result.problem);
  return result.value;
}

test('a story comes out as it was told, without what nobody knows', () => {
  expect(decodeStory(parsed({ ...whole, more: 1, process: { ...whole.process, password: 'x' } }))).toEqual(
    whole,
  );
  expect(decodeStory(parsed({ key: 'k' }))).toEqual({
    ...{ key: 'k', ancestors: [], siblings: [], children: [], before: [], after: [] },
  });
});

describe('no story is', () => {
  let deep: object = { holds: true, text: 'x' };
  for (let i = 0; i < 30; i++) deep = { holds: true, text: 'not', terms: [deep] };
  test.each([
    ['a text', 'x'],
    ['a list', [whole]],
    ['one without a key', { ...whole, key: undefined }],
    ['one with a long key', { ...whole, key: 'x'.repeat(1_000) }],
    ['a process without a name', { ...whole, process: { ...process, name: undefined } }],
    ['a pid with a fraction', { ...whole, process: { ...process, pid: 1.5 } }],
    ['a time that is a number', { ...whole, before: [{ ...event, timeNs: 1 }] }],
    ['a time beyond all times', { ...whole, before: [{ ...event, timeNs: '9'.repeat(19) }] }],
    ['more events than there are', { ...whole, before: Array(65).fill(event) }],
    ['more ancestors than there are', { ...whole, ancestors: Array(33).fill(process) }],
    ['a text that is too long', { ...whole, note: 'x'.repeat(5_000) }],
    ['a condition that is too deep', { ...whole, condition: deep }],
    [
      'one that is too large',
      { ...whole, before: Array(64).fill({ ...event, text: 'x'.repeat(4_096), type: 'y'.repeat(900) }) },
    ],
  ])('%s', (_, json) => {
    expect(decodeStory(parsed(json))).toBeUndefined();
  });
});

test('no JSON makes it throw', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), fc.constantFrom(...Object.keys(whole)), (json, key) => {
      const value = parsed(JSON.parse(json));
      decodeStory(value);
      decodeContinuation(value);
      decodeStory(parsed({ ...whole, [key]: JSON.parse(json) }));
    }),
  );
});

test('an alert is taken with its story, without one that is none, and a story goes on', () => {
  const alert = { rule: 'r', priority: 'Error', time: '2024-03-01T10:00:00Z', output_fields: { a: 1 } };
  const [told, plain, untold] = readBody(
    [{ ...alert, story: whole }, alert, { ...alert, story: 'once upon a time' }]
      .map((one) => JSON.stringify(one))
      .join('\n'),
    true,
  ).items;
  expect(told).toMatchObject({ rule: 'r', story: whole });
  expect(plain).not.toHaveProperty('story');
  expect(untold).toMatchObject({ rule: 'r', story: undefined });
  const more = readBody(JSON.stringify([{ story_of: 'k', after: [event] }, { story_of: 7 }]), false).items;
  expect(more).toEqual([{ key: 'k', after: [event] }, { problem: expect.stringContaining('story_of') }]);
});
