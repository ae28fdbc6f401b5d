/** What the tables know about the numbers in an event: names for `ParamText`. */

import type { ParamNames } from '@peregrine/events';
import { type EventContext, type Fd, l4, resolvePath } from '@peregrine/state';
import { containerOf } from './containers.ts';
import { isIp, letterOfKind } from './fd-kinds.ts';
import { directoryOfFd } from './path-params.ts';
import { cwdOf } from './proc.ts';
import { shownL4 } from './socket-ends.ts';

/** COMPAT: parameters name no user that the database does not have, root included. */
const NOT_KNOWN = '<NA>';

const l4Letters: readonly (string | undefined)[] = (() => {
  const letters: (string | undefined)[] = [];
  letters[l4.tcp] = 't';
  letters[l4.udp] = 'u';
  letters[l4.icmp] = 'i';
  letters[l4.raw] = 'r';
  return letters;
})();

function kindText(fd: Fd): string {
  const letter = letterOfKind(fd.kind);
  return isIp(fd) ? `${letter}${l4Letters[shownL4(fd)] ?? ''}` : letter;
}

/** Answers for one event at a time: `event` must be set before each use. */
export class EventNames implements ParamNames {
  event: EventContext | undefined;

  #fd(num: number): Fd | undefined {
    const { event } = this;
    return event?.thread === undefined ? undefined : event.tables.fd(event.thread, num);
  }

  fdText(num: number): string | undefined {
    const fd = this.#fd(num);
    return fd === undefined ? undefined : `<${kindText(fd)}>${fd.name}`;
  }

  fdTypeChar(num: number): string | undefined {
    const fd = this.#fd(num);
    return fd === undefined ? undefined : letterOfKind(fd.kind);
  }

  commOf(tid: number): string | undefined {
    return this.event?.tables.thread(tid)?.comm;
  }

  userName(uid: number): string | undefined {
    const { event } = this;
    if (event?.thread === undefined) return undefined;
    return event.tables.user(containerOf(event.thread), uid)?.name ?? NOT_KNOWN;
  }

  groupName(gid: number): string | undefined {
    const { event } = this;
    if (event?.thread === undefined) return undefined;
    return event.tables.group(containerOf(event.thread), gid)?.name ?? NOT_KNOWN;
  }

  pathFromCwd(path: string): string {
    const thread = this.event?.thread;
    return thread === undefined ? path : resolvePath(cwdOf(thread), path);
  }

  pathFrom(dirfd: number, path: string): string {
    const { event } = this;
    return event?.thread === undefined ? path : resolvePath(directoryOfFd(event, event.thread, dirfd), path);
  }
}
