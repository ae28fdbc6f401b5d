/**
 * An event that outlives its turn: what fields read of it stays as it was, while tables and views go on. Of the thread
 * and the fd there are copies; what hangs on them (parents, the process's working directory) is as it is when read.
 */

import type { EventContext } from './event-context.ts';
import { Thread } from './thread.ts';

export function keepEvent(event: EventContext): EventContext {
  const { thread, fd } = event;
  return { ...event, view: event.view.copy(), thread: thread && keepThread(thread), fd: fd?.clone() };
}

/** INVARIANT: threads have no private members, so that their own ones are all there is. */
function keepThread(thread: Thread): Thread {
  return Object.assign(new Thread(thread.tid, thread.process), thread);
}
