/** Records of several rings as what happened before an alert, and after it. */

import { MOST_STORY_EVENTS, type StoryEvent } from '@peregrine/alert';
import type { EventView } from '@peregrine/events';
import type { RecordPlace } from './flight-recorder.ts';
import { storyEventOf } from './record-text.ts';

export interface Happenings {
  readonly before: readonly StoryEvent[];
  readonly after: readonly StoryEvent[];
}

export interface HappeningsInput {
  /** The alert's event. */
  readonly view: EventView;
  readonly pid: number;
  /** Of the process itself, which come first where there is no room for all. */
  readonly own: readonly RecordPlace[];
  /** Of others; may have those of the process, too. */
  readonly others: readonly RecordPlace[];
}

/** Oldest first. The alert's own event is the last of `before`, where it is remembered. */
export function happeningsOf({ view, pid, own, others }: HappeningsInput): Happenings {
  const low = view.timestampLow();
  const high = view.timestampHigh();
  const known = new Set(own.map(nameOf));
  const all = [...own, ...others.filter((place) => !known.has(nameOf(place)))];
  const isLater = ({ records, at }: RecordPlace): boolean => {
    const recordHigh = records.timeHighOf(at);
    return recordHigh > high || (recordHigh === high && records.timeLowOf(at) > low);
  };
  const isAlert = ({ records, at }: RecordPlace): boolean =>
    records.timeHighOf(at) === high &&
    records.timeLowOf(at) === low &&
    records.codeOf(at) === view.code &&
    records.pidOf(at) === pid;
  const before = chosen(
    all.filter((place) => !isLater(place)),
    new Set(own),
  );
  const after = all.filter(isLater).sort(byTime).slice(0, MOST_STORY_EVENTS);
  return {
    before: before.map((place) =>
      isAlert(place) ? { ...storyEventOf(place), isAlert: true } : storyEventOf(place),
    ),
    after: after.map(storyEventOf),
  };
}

/** The latest, those of the process itself before others. */
function chosen(places: readonly RecordPlace[], own: ReadonlySet<RecordPlace>): readonly RecordPlace[] {
  const sorted = [...places].sort(byTime);
  const ofOthers = sorted.filter((place) => !own.has(place));
  const ownCount = Math.min(MOST_STORY_EVENTS, sorted.length - ofOthers.length);
  const room = MOST_STORY_EVENTS - ownCount;
  const kept = new Set(room === 0 ? [] : ofOthers.slice(-room));
  return sorted.filter((place) => own.has(place) || kept.has(place)).slice(-MOST_STORY_EVENTS);
}

function byTime(a: RecordPlace, b: RecordPlace): number {
  const high = a.records.timeHighOf(a.at) - b.records.timeHighOf(b.at);
  return high !== 0 ? high : a.records.timeLowOf(a.at) - b.records.timeLowOf(b.at);
}

/** No two events of a process have the same. */
function nameOf({ records, at }: RecordPlace): string {
  return `${records.timeHighOf(at)} ${records.timeLowOf(at)} ${records.pidOf(at)} ${records.codeOf(at)}`;
}
