/**
 * What a sensor tells of the process behind an alert, beside the alert itself: who its ancestors and siblings are, what it
 * and its container did before and after, and why the rule matched. Goes to the hub and into its store, never to outputs.
 *
 * Bounded by whoever makes it: lists have the lengths that are given here at most, texts 4 KiB.
 */

export interface StoryProcess {
  readonly pid: number;
  readonly name: string;
  readonly exePath: string;
  readonly cmdline: string;
  readonly user: string;
  /** Nanoseconds since the epoch, as digits; absent when it is not known. */
  readonly startNs?: string | undefined;
  readonly containerId?: string | undefined;
  readonly isGone?: boolean | undefined;
}

export interface StoryEvent {
  /** Nanoseconds since the epoch, as digits. */
  readonly timeNs: string;
  /** As `evt.type` says. */
  readonly type: string;
  readonly pid: number;
  readonly processName: string;
  /** What it did, for people: `opened /etc/shadow for reading`. */
  readonly text: string;
  /** The event that the alert is about. */
  readonly isAlert?: boolean | undefined;
}

/** A condition with what each of its parts came to. */
export interface StoryTerm {
  readonly holds: boolean;
  /** `and`, `or`, `not`, or the test's text. */
  readonly text: string;
  /** What the test looked at; absent where the event has no such value, and for `and`, `or`, `not`. */
  readonly value?: string | undefined;
  readonly terms?: readonly StoryTerm[] | undefined;
}

/** Before an alert, and after it. */
export const MOST_STORY_EVENTS = 64;

export interface AlertStory {
  /** Names the story, so that `after` finds it. */
  readonly key: string;
  readonly process?: StoryProcess | undefined;
  /** Nearest first; at most 32. */
  readonly ancestors: readonly StoryProcess[];
  /** Children of the same parent, as far as they are known; at most 32. */
  readonly siblings: readonly StoryProcess[];
  readonly children: readonly StoryProcess[];
  /** Oldest first; at most `MOST_STORY_EVENTS`. */
  readonly before: readonly StoryEvent[];
  /** Comes some seconds later; at most `MOST_STORY_EVENTS`. */
  readonly after: readonly StoryEvent[];
  readonly condition?: StoryTerm | undefined;
  /** What was left out, for people: `too many alerts at once`. */
  readonly note?: string | undefined;
}
