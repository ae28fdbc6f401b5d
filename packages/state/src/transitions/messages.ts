/**
 * Calls that send and receive: what their tuple tells of sockets that no connect or accept has told of. HOT: a socket
 * that is known already costs a few comparisons.
 */

import type { EventView } from '@peregrine/events';
import type { CurrentEvent } from '../event-context.ts';
import { type Fd, fdFlag, fdKind, l4 } from '../fd.ts';
import { ownFd } from '../fd-table.ts';
import type { Process, Thread } from '../thread.ts';
import { differsFrom, family, familyOf, isTcp, readTuple, swapEnds } from './socket-address.ts';
import { readUnixTuple } from './sockets.ts';
import type { Transition, TransitionFamily } from './transition.ts';

const ROLE_FLAGS = fdFlag.roleServer | fdFlag.roleClient;

function sends(tupleParam: number): Transition {
  return (_world, event, view, thread) => learn(event, view, thread, tupleParam, false);
}

function receives(tupleParam: number): Transition {
  return (_world, event, view, thread) => learn(event, view, thread, tupleParam, true);
}

/** The tuple goes from sender to receiver; it is kept from client to server. */
function learn(
  event: CurrentEvent,
  view: EventView,
  thread: Thread,
  param: number,
  isIncoming: boolean,
): void {
  const known = event.fd;
  if (known === undefined || view.size(param) === 0 || view.i32(0) < 0) return;
  if (isTcp(known) && known.sourceIp !== undefined) return;
  if (familyOf(view, param) === family.unix) {
    const fd = ownFd(thread.process, event.fdNum, known);
    event.fd = fd;
    const before = fd.name;
    readUnixTuple(view, param, fd);
    event.isFdNameChanged = fd.name !== before;
    return;
  }
  const reversing = isIncoming ? fdFlag.roleClient : fdFlag.roleServer;
  if (!differsFrom(view, param, known, (known.flags & reversing) !== 0)) return;
  const fd = ownFd(thread.process, event.fdNum, known);
  event.fd = fd;
  readTuple(view, param, fd);
  fd.flags |= fdFlag.connected;
  if (fd.l4 === l4.unknown) fd.l4 = l4.udp;
  if ((fd.flags & ROLE_FLAGS) === 0) guessRole(thread.process, fd, isIncoming);
  if ((fd.flags & reversing) !== 0) swapEnds(fd);
  event.isFdNameChanged = true;
}

/** Whoever has bound the local port serves; else who hears first serves, and who speaks first is the client. */
function guessRole(process: Process, fd: Fd, isIncoming: boolean): void {
  const localPort = isIncoming ? fd.destinationPort : fd.sourcePort;
  const isServer = isIncoming || isBound(process, localPort);
  fd.flags |= isServer ? fdFlag.roleServer : fdFlag.roleClient;
}

function isBound(process: Process, port: number): boolean {
  for (const fd of process.fds.values())
    if ((fd.kind === fdKind.ipv4Server || fd.kind === fdKind.ipv6Server) && fd.destinationPort === port)
      return true;
  return false;
}

export const messageTransitions: TransitionFamily = {
  name: 'messages',
  transitions: {
    29: sends(4),
    31: sends(4),
    33: receives(4),
    35: receives(2),
    49: sends(4),
    51: sends(4),
    53: receives(3),
    55: receives(4),
  },
};
