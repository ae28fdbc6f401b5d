import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AlertStory } from './alert-story.ts';
import { encodeAlert } from './json/alert-json.ts';
import { decodeStored, decodeStory, encodeContinuation, encodeStored } from './stored-alert.ts';

function alertOf(rule: string) {
  const alert = {
    ...({ uuid: 'u', output: rule, priority: 'Error', rule, time: '2024-03-01T10:00:00Z' } as const),
    ...{ timeNs: 1709287200000000000n, source: 'syscall', tags: [], hostname: '', fields: { rule } },
  };
  return { ...alert, json: encodeAlert(alert) };
}

const storyOf = (text: string): AlertStory => ({
  ...{ key: text, ancestors: [], siblings: [], children: [], after: [] },
  before: [{ timeNs: '1', type: 'open', pid: 1, processName: text, text }],
});

const text = fc.string({ unit: 'binary' }).map((raw) => raw.toWellFormed());

test('what is written is read again, whatever texts say, and outputs see nothing of the story', () => {
  fc.assert(
    fc.property(
      text,
      fc.option(fc.array(text), { nil: undefined }),
      fc.option(text, { nil: undefined }),
      fc.option(text, { nil: undefined }),
      (rule, to, mark, told) => {
        const alert = alertOf(rule);
        const story = told === undefined ? undefined : storyOf(told);
        const bytes = encodeStored(alert, { to, mark, story });
        expect(decodeStored(bytes)).toEqual({ alert, to, mark });
        expect(decodeStory(bytes)).toEqual(story);
      },
    ),
  );
});

test('what continues a story is no alert', () => {
  const continuation = { key: 'a\tb\nc', after: storyOf('x').before };
  const bytes = encodeContinuation(continuation);
  expect(decodeStored(bytes)).toBeUndefined();
  expect(decodeStory(bytes)).toEqual(continuation);
});

test('no bytes make the readers throw', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      decodeStored(bytes);
      decodeStory(bytes);
    }),
  );
});
