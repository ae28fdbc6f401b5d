/** Ancestors of a thread: main threads from the process itself upwards. HOT: walks links, allocates nothing. */

import { type EventContext, NO_ID, type Thread, threadFlag } from '@peregrine/state';

/** Longest chain that is walked: more than this is a loop. */
const MOST_LEVELS = 4_096;

/** Process id. COMPAT: -1 for a thread that nobody told of. */
export function pidOf(thread: Thread): number {
  return (thread.flags & threadFlag.fake) !== 0 ? NO_ID : thread.pid;
}

/** The main thread of the parent process; `undefined` when it is not known. */
export function parentOf(thread: Thread): Thread | undefined {
  const parent = thread.main.parent;
  return parent === undefined ? undefined : parent.main;
}

/** 0 is the process itself, 1 its parent. */
export function ancestorOf(thread: Thread | undefined, level: number): Thread | undefined {
  if (thread === undefined || level > MOST_LEVELS) return undefined;
  let ancestor: Thread | undefined = thread.main;
  for (let i = 0; i < level && ancestor !== undefined; i++) ancestor = parentOf(ancestor);
  return ancestor;
}

/** What `read` gives of each ancestor, from the parent upwards. */
export function ofAncestors<T>(thread: Thread, read: (ancestor: Thread) => T): readonly T[] {
  const values: T[] = [];
  let ancestor = parentOf(thread);
  for (let i = 0; i < MOST_LEVELS && ancestor !== undefined; i++) {
    values.push(read(ancestor));
    ancestor = parentOf(ancestor);
  }
  return values;
}

/** The highest ancestor of an unbroken chain, from the parent upwards, for which `belongs` holds. */
export function highestAncestor(thread: Thread, belongs: (ancestor: Thread) => boolean): Thread | undefined {
  let highest: Thread | undefined;
  let ancestor = parentOf(thread);
  for (let i = 0; i < MOST_LEVELS && ancestor !== undefined && belongs(ancestor); i++) {
    highest = ancestor;
    ancestor = parentOf(ancestor);
  }
  return highest;
}

/**
 * Joined by blanks, from the parent upwards; `undefined` when no ancestor is known. COMPAT: empty texts at the front
 * bring no blank with them, and nothing but empty texts is no value.
 */
export function joinedOfAncestors(
  event: EventContext,
  read: (ancestor: Thread) => string,
): string | undefined {
  if (event.thread === undefined) return undefined;
  let joined = '';
  for (const text of ofAncestors(event.thread, read)) joined = joined === '' ? text : `${joined} ${text}`;
  return joined === '' ? undefined : joined;
}
