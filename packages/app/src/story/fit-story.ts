/** Makes a story fit into what is sent of one: what tells least goes first. */

import type { AlertStory } from '@peregrine/alert';

/** As JSON. */
export const MOST_STORY_BYTES: number = 64 * 1024;

const steps: readonly ((story: AlertStory) => AlertStory)[] = [
  (story) => ({ ...story, siblings: story.siblings.slice(-8), children: story.children.slice(-16) }),
  (story) => ({ ...story, before: story.before.slice(-32), after: story.after.slice(0, 32) }),
  ({ condition: _, ...story }) => story,
  (story) => ({ ...story, ancestors: story.ancestors.slice(0, 8), siblings: [], children: [] }),
  (story) => ({ ...story, before: story.before.slice(-8), after: [] }),
];

export function fitStory(story: AlertStory): AlertStory {
  let fitting = story;
  for (const step of steps) {
    if (bytesOf(fitting) <= MOST_STORY_BYTES) break;
    fitting = step({ ...fitting, note: withNote(story.note) });
  }
  return fitting;
}

const withNote = (note: string | undefined): string =>
  note === undefined
    ? 'parts of it are left out: it was too long'
    : `${note}; parts of it are left out: it was too long`;

const bytesOf = (story: AlertStory): number => Buffer.byteLength(JSON.stringify(story));
