/** The name of an event's file descriptor, also where the call made none and only its arguments tell. */

import { type EventContext, resolvePath } from '@peregrine/state';
import { exitCodesOf, paramIndexes } from './event-params.ts';
import { directoryOfFd, rawPathOf, resolvedPathOf } from './path-params.ts';
import { memoizeText } from './text-memo.ts';

const opens = exitCodesOf('open', 'openat', 'openat2', 'creat', 'open_by_handle_at');
const openNames = paramIndexes('name');
const handlePaths = paramIndexes('path');

/** Index of an opening event's path; -1 for other events. */
function openPathIndex(code: number): number {
  if (opens[code] !== 1) return -1;
  const name = openNames[code] ?? -1;
  return name >= 0 ? name : (handlePaths[code] ?? -1);
}

/** Resolved name from the arguments of a call that opens; empty for other calls. */
export function nameFromArguments(event: EventContext): string {
  const index = openPathIndex(event.view.code);
  const { thread, enterPath } = event;
  if (index < 0 || thread === undefined) return '';
  if (enterPath === undefined) return resolvedPathOf(event, index) ?? '';
  return resolvePath(directoryOfFd(event, thread, event.enterDirfd), enterPath);
}

/** The same as the caller gave it. */
export function rawNameFromArguments(event: EventContext): string {
  const index = openPathIndex(event.view.code);
  if (index < 0) return '';
  return event.enterPath ?? rawPathOf(event, index) ?? '';
}

/** Repeated slashes as one. */
export const collapseSlashes: (text: string) => string = memoizeText((text) => text.replace(/\/\/+/g, '/'));

/** Without the last component; `/` when nothing is left. */
export const directoryOf: (path: string) => string = memoizeText((path) => {
  const at = path.lastIndexOf('/');
  return at <= 0 ? '/' : path.slice(0, at);
});

/** The last component; all of it after a trailing slash. */
export const filenameOf: (path: string) => string = memoizeText((path) => {
  const start = path.lastIndexOf('/') + 1;
  return start < path.length ? path.slice(start) : path;
});
