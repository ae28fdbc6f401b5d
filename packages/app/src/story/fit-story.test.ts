import type { AlertStory, StoryEvent, StoryProcess, StoryTerm } from '@peregrine/alert';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fitStory, MOST_STORY_BYTES } from './fit-story.ts';

const process = fc.record<StoryProcess>({
  pid: fc.nat(),
  name: fc.string(),
  exePath: fc.string({ maxLength: 300 }),
  // Japanese takes three bytes for each character.
  cmdline: fc.nat({ max: 600 }).map((length) => '日'.repeat(length)),
  user: fc.string(),
});
const event = fc.record<StoryEvent>({
  timeNs: fc.constant('1764151200000000000'),
  type: fc.constant('openat'),
  pid: fc.nat(),
  processName: fc.string(),
  text: fc.nat({ max: 400 }).map((length) => '\u0001'.repeat(length)),
});
const term = fc.record<StoryTerm>({
  holds: fc.boolean(),
  text: fc.nat({ max: 800 }).map((length) => 'x'.repeat(length)),
});
const most = <T>(one: fc.Arbitrary<T>, count: number): fc.Arbitrary<T[]> =>
  fc
    .nat({ max: count })
    .chain((length) => fc.array(one, { minLength: length, maxLength: length, size: 'max' }));

test('a story is no larger than is sent of one, and as it was where it fits', () => {
  const story = fc.record<AlertStory>({
    key: fc.constant('k'),
    process,
    ancestors: most(process, 32),
    siblings: most(process, 32),
    children: most(process, 32),
    before: most(event, 64),
    after: most(event, 64),
    condition: most(term, 300).map((terms) => ({ holds: true, text: 'and', terms })),
  });
  fc.assert(
    fc.property(story, (given) => {
      const fitting = fitStory(given);
      expect(Buffer.byteLength(JSON.stringify(fitting))).toBeLessThanOrEqual(MOST_STORY_BYTES);
      if (Buffer.byteLength(JSON.stringify(given)) <= MOST_STORY_BYTES) expect(fitting).toBe(given);
      else expect(fitting.note).toBe('parts of it are left out: it was too long');
      expect(fitting.process).toEqual(given.process);
    }),
    { numRuns: 30 },
  );
});
