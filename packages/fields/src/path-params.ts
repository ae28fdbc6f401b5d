/** Paths among an event's parameters: as given, and joined with the directory that they start from. */

import { eventRoster, type ParamDeclaration } from '@peregrine/events';
import { type EventContext, resolvePath, type Thread, UNKNOWN_BASE } from '@peregrine/state';
import { cwdOf } from './proc.ts';

/** What the wire says for the working directory in place of a directory fd. */
const AT_FDCWD = -100;

/** The path as the caller gave it; `undefined` when the event has none. */
export function rawPathOf(event: EventContext, index: number): string | undefined {
  return event.view.text(index);
}

/** Name of a directory that a path starts from. */
export function directoryOfFd(event: EventContext, thread: Thread, dirfd: number): string {
  if (dirfd === AT_FDCWD) return cwdOf(thread);
  return event.tables.fd(thread, dirfd)?.name ?? UNKNOWN_BASE;
}

/** The path joined with its directory: that of the parameter's directory fd, else the working directory. */
export function resolvedPathOf(event: EventContext, index: number): string | undefined {
  const { thread, view } = event;
  const path = view.text(index);
  if (path === undefined || thread === undefined) return undefined;
  const dirfdIndex = dirfdIndexOf(eventRoster[view.code]?.params[index]);
  const base = dirfdIndex < 0 ? cwdOf(thread) : directoryOfFd(event, thread, view.i64(dirfdIndex));
  return resolvePath(base, path);
}

function dirfdIndexOf(param: ParamDeclaration | undefined): number {
  return param?.dirfdParamIndex ?? -1;
}
