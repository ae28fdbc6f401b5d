/** Keys of the story around an alert, which a hub with a store keeps beside it. None of them is in the reference. */

import { flag, integer, schema } from '@peregrine/base';

export const storyKeys = {
  story: schema({
    enabled: flag({
      default: true,
      doc: 'Tell a hub in this process, if it has a store, what happened around alerts. Other outputs never get it. Not in the reference.',
    }),
    max_mb: integer({
      default: 16,
      min: 4,
      max: 1_024,
      doc: 'Memory for what processes did of late; who did nothing for the longest time is forgotten first. Not in the reference.',
    }),
    after_ms: integer({
      default: 5_000,
      min: 0,
      max: 60_000,
      doc: 'What happens so long after an alert is told as well; 0 for nothing. Not in the reference.',
    }),
    most_per_second: integer({
      default: 10,
      min: 1,
      max: 1_000,
      doc: 'Alerts that get a story, in a second; the others go out without. Not in the reference.',
    }),
    repeat_after_s: integer({
      default: 60,
      min: 0,
      max: 86_400,
      doc: 'Seconds in which alerts of the same rule and process get no other story. Not in the reference.',
    }),
  }),
};
