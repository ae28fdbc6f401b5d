/**
 * What a sensor tells of the process behind an alert, as it was posted. A story is taken whole or not at all; where it is
 * none that is understood, or too large, the alert is taken without it.
 */

import {
  type AlertStory,
  type HubValue,
  MOST_STORY_EVENTS,
  type StoryContinuation,
  type StoryEvent,
  type StoryProcess,
  type StoryTerm,
} from '@peregrine/alert';

/** Of a story, as JSON. */
const MOST_STORY_CHARS = 256 * 1024;
const MOST_PROCESSES = 32;
const MOST_TEXT = 4_096;
const MOST_KEY = 128;
/** Of terms; JSON nests twice as deeply. */
const MOST_DEPTH = 24;
const MOST_TERMS = 256;

type Values = Readonly<Record<string, HubValue>>;

/** Thrown within this file only. */
class NotAStory extends Error {}

export function decodeStory(value: HubValue): AlertStory | undefined {
  return storyOrNone(() => {
    const of = mapIn(value);
    const story: AlertStory = {
      key: textIn(of, 'key', MOST_KEY),
      ...present('process', of.process, processIn),
      ancestors: listIn(of.ancestors, MOST_PROCESSES, processIn),
      siblings: listIn(of.siblings, MOST_PROCESSES, processIn),
      children: listIn(of.children, MOST_PROCESSES, processIn),
      before: listIn(of.before, MOST_STORY_EVENTS, eventIn),
      after: listIn(of.after, MOST_STORY_EVENTS, eventIn),
      ...present('condition', of.condition, (term) => termIn(term, 0)),
      ...present('note', of.note, () => textIn(of, 'note', MOST_TEXT)),
    };
    return story;
  });
}

/** `{"story_of": KEY, "after": [...]}`. */
export function decodeContinuation(value: HubValue): StoryContinuation | undefined {
  return storyOrNone(() => {
    const of = mapIn(value);
    return { key: textIn(of, 'story_of', MOST_KEY), after: listIn(of.after, MOST_STORY_EVENTS, eventIn) };
  });
}

function storyOrNone<T>(read: () => T): T | undefined {
  try {
    const story = read();
    return JSON.stringify(story).length > MOST_STORY_CHARS ? undefined : story;
  } catch (error) {
    if (error instanceof NotAStory) return undefined;
    throw error;
  }
}

function processIn(value: HubValue): StoryProcess {
  const of = mapIn(value);
  return {
    pid: integerIn(of, 'pid'),
    name: textIn(of, 'name'),
    exePath: textIn(of, 'exePath'),
    cmdline: textIn(of, 'cmdline'),
    user: textIn(of, 'user'),
    ...present('startNs', of.startNs, nanosecondsIn),
    ...present('containerId', of.containerId, () => textIn(of, 'containerId')),
    ...present('isGone', of.isGone, flagIn),
  };
}

function eventIn(value: HubValue): StoryEvent {
  const of = mapIn(value);
  return {
    timeNs: nanosecondsIn(of.timeNs),
    type: textIn(of, 'type'),
    pid: integerIn(of, 'pid'),
    processName: textIn(of, 'processName'),
    text: textIn(of, 'text'),
    ...present('isAlert', of.isAlert, flagIn),
  };
}

function termIn(value: HubValue, depth: number): StoryTerm {
  if (depth > MOST_DEPTH) throw new NotAStory();
  const of = mapIn(value);
  return {
    holds: flagIn(of.holds),
    text: textIn(of, 'text'),
    ...present('value', of.value, () => textIn(of, 'value')),
    ...present('terms', of.terms, (terms) => listIn(terms, MOST_TERMS, (term) => termIn(term, depth + 1))),
  };
}

/** Absent, and `null`, is nothing. */
function present<K extends string, T>(
  name: K,
  value: HubValue | undefined,
  read: (value: HubValue) => T,
): { readonly [P in K]?: T } {
  if (value === undefined || value === null) return {};
  return { [name]: read(value) } as { readonly [P in K]?: T }; // A computed name is any text to the compiler.
}

function mapIn(value: HubValue | undefined): Values {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || 'toNumber' in value)
    throw new NotAStory();
  // None of the other kinds of objects: a map.
  return value as Values;
}

function listIn<T>(value: HubValue | undefined, most: number, read: (value: HubValue) => T): readonly T[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || value.length > most) throw new NotAStory();
  return value.map(read);
}

function textIn(of: Values, name: string, most = MOST_TEXT): string {
  const value = of[name];
  if (typeof value !== 'string' || value.length > most) throw new NotAStory();
  return value;
}

function integerIn(of: Values, name: string): number {
  const value = of[name];
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw new NotAStory();
  return value;
}

function flagIn(value: HubValue | undefined): boolean {
  if (typeof value !== 'boolean') throw new NotAStory();
  return value;
}

/** Digits: JavaScript's numbers have too few. Up to the year 2262, as kernels count. */
function nanosecondsIn(value: HubValue | undefined): string {
  if (typeof value !== 'string' || !/^\d{1,19}$/.test(value) || BigInt(value) >= 1n << 63n)
    throw new NotAStory();
  return value;
}
