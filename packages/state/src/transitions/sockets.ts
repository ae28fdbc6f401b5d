/** Sockets: made, bound, connected, accepted. */

import type { EventView } from '@peregrine/events';
import { type CurrentEvent, NO_NEW_FD } from '../event-context.ts';
import { Fd, type FdKind, fdFlag, fdKind, type L4, l4 } from '../fd.ts';
import { ownFd } from '../fd-table.ts';
import { unixSocketName } from '../socket-name.ts';
import type { Thread } from '../thread.ts';
import type { World } from '../world.ts';
import {
  family,
  familyOf,
  isInternet,
  readServerAddress,
  readTuple,
  swapEnds,
  UNIX_TUPLE_BYTES,
  unixPath,
} from './socket-address.ts';
import { addFd } from './special-fds.ts';
import type { TransitionFamily } from './transition.ts';

const O_CLOEXEC = 1 << 12;
const ACCEPT4 = 389;
const SOCK_TYPE_MASK = 0xff;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const SOCK_RAW = 3;
const IPPROTO_IP = 0;
const IPPROTO_ICMP = 1;
const IPPROTO_TCP = 6;
const IPPROTO_UDP = 17;
const IPPROTO_RAW = 255;
const EINPROGRESS = -115;
const SOL_SOCKET = 1;
const SO_ERROR = 4;
const ROLE_FLAGS = fdFlag.roleServer | fdFlag.roleClient;

function socket(world: World, event: CurrentEvent, view: EventView, thread: Thread): void {
  const number = view.i32(0);
  if (number < 0) {
    event.fdNum = NO_NEW_FD;
    return;
  }
  const fd = new Fd();
  const domain = view.u32(1);
  fd.kind = kindOfDomain(domain);
  if (fd.kind === fdKind.ipv4 || fd.kind === fdKind.ipv6) fd.l4 = protocolOf(view.u32(2), view.u32(3));
  fd.openFlags = view.u32(4);
  if ((fd.openFlags & O_CLOEXEC) !== 0) fd.flags = fdFlag.closeOnExec;
  addFd(world, event, thread, number, fd);
}

function kindOfDomain(domain: number): FdKind {
  switch (domain) {
    case family.unix:
      return fdKind.unix;
    case family.inet:
      return fdKind.ipv4;
    case family.inet6:
      return fdKind.ipv6;
    case family.netlink:
      return fdKind.netlink;
    default:
      return fdKind.unknown;
  }
}

function protocolOf(type: number, protocol: number): L4 {
  const base = type & SOCK_TYPE_MASK;
  switch (protocol) {
    case IPPROTO_IP:
      return base === SOCK_STREAM ? l4.tcp : base === SOCK_DGRAM ? l4.udp : l4.unknown;
    case IPPROTO_TCP:
      return base === SOCK_RAW ? l4.raw : l4.tcp;
    case IPPROTO_UDP:
      return base === SOCK_RAW ? l4.raw : l4.udp;
    case IPPROTO_ICMP:
      return base === SOCK_RAW ? l4.raw : l4.icmp;
    case IPPROTO_RAW:
      return l4.raw;
    default:
      return l4.unknown;
  }
}

function bind(_world: World, event: CurrentEvent, view: EventView, thread: Thread): void {
  if (view.i32(0) < 0 || event.fd === undefined || view.size(1) === 0) return;
  const fd = ownFd(thread.process, event.fdNum, event.fd);
  event.fd = fd;
  if (familyOf(view, 1) === family.unix) {
    fd.name = unixPath(view, 1, 1);
    event.isFdNameChanged = true;
  } else if (readServerAddress(view, 1, fd)) event.isFdNameChanged = true;
}

/** A call that would block counts: the connection is under way. One that fails leaves what an earlier one made. */
function connect(_world: World, event: CurrentEvent, view: EventView, thread: Thread): void {
  if (event.fd === undefined) return;
  const result = view.i32(0);
  const fd = ownFd(thread.process, event.fdNum, event.fd);
  event.fd = fd;
  fd.flags &= ~(fdFlag.connectionPending | fdFlag.connectionFailed);
  if (result < 0 && result !== EINPROGRESS) {
    fd.flags |= fdFlag.connectionFailed;
    return;
  }
  // COMPAT: a connection under way counts as connected (libs 0.25).
  fd.flags |= result === EINPROGRESS ? fdFlag.connectionPending | fdFlag.connected : fdFlag.connected;
  if (view.size(1) === 0) return;
  event.isFdNameChanged = true;
  if (familyOf(view, 1) === family.unix) readUnixTuple(view, 1, fd);
  else {
    const wasServer = fd.kind === fdKind.ipv4Server || fd.kind === fdKind.ipv6Server;
    if (!readTuple(view, 1, fd)) return;
    // A bound datagram socket keeps its role: it stays the destination.
    if (wasServer && fd.l4 === l4.udp && (fd.flags & fdFlag.roleServer) !== 0) swapEnds(fd);
    else fd.flags = (fd.flags & ~ROLE_FLAGS) | fdFlag.roleClient;
    return;
  }
  fd.flags = (fd.flags & ~ROLE_FLAGS) | fdFlag.roleClient;
}

export function readUnixTuple(view: EventView, param: number, fd: Fd): void {
  if (view.size(param) < UNIX_TUPLE_BYTES) return;
  const at = view.offset(param);
  fd.kind = fdKind.unix;
  fd.name = unixSocketName(
    view.data.getBigUint64(at + 1, true),
    view.data.getBigUint64(at + 9, true),
    unixPath(view, param, UNIX_TUPLE_BYTES),
  );
}

function accept(world: World, event: CurrentEvent, view: EventView, thread: Thread): void {
  const number = view.i32(0);
  if (number < 0) {
    event.fdNum = NO_NEW_FD;
    return;
  }
  const fd = new Fd();
  fd.flags = fdFlag.roleServer | fdFlag.connected;
  if (view.code === ACCEPT4 && (view.u32(5) & O_CLOEXEC) !== 0) fd.flags |= fdFlag.closeOnExec;
  if (view.size(1) > 0) {
    event.isFdNameChanged = true;
    if (familyOf(view, 1) === family.unix) readUnixTuple(view, 1, fd);
    else if (readTuple(view, 1, fd)) fd.l4 = l4.tcp;
  }
  addFd(world, event, thread, number, fd);
}

/**
 * The event shows the second socket. COMPAT: such sockets outlive an exec, whatever their type says (libs 0.25).
 */
function socketpair(world: World, event: CurrentEvent, view: EventView, thread: Thread): void {
  event.fdNum = NO_NEW_FD;
  if (view.i32(0) < 0) return;
  for (let param = 1; param <= 2; param++) {
    const fd = new Fd();
    fd.kind = fdKind.unix;
    addFd(world, event, thread, view.i32(param), fd);
  }
}

/** Asking for the pending error tells how a connection under way ended. */
function getsockopt(_world: World, event: CurrentEvent, view: EventView, thread: Thread): void {
  const { fd } = event;
  if (fd === undefined || view.i32(0) < 0 || view.u8(2) !== SOL_SOCKET || view.u8(3) !== SO_ERROR) return;
  if (!isInternet(fd.kind) || (fd.flags & fdFlag.connectionPending) === 0 || view.size(4) < 9) return;
  const error = view.data.getInt32(view.offset(4) + 1, true);
  const own = ownFd(thread.process, event.fdNum, fd);
  own.flags &= ~fdFlag.connectionPending;
  if (error !== 0) own.flags |= fdFlag.connectionFailed;
  event.fd = own;
}

export const socketTransitions: TransitionFamily = {
  name: 'sockets',
  transitions: {
    19: socket,
    21: bind,
    23: connect,
    43: socketpair,
    47: getsockopt,
    247: accept,
    [ACCEPT4]: accept,
  },
};
