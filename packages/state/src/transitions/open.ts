/** Calls that open files, and the enter events whose arguments win over those read when the call ends. */

import type { EventView } from '@peregrine/events';
import { type CurrentEvent, NO_NEW_FD } from '../event-context.ts';
import { exactU64 } from '../exact.ts';
import { Fd, fdFlag, fdKind } from '../fd.ts';
import type { Thread } from '../thread.ts';
import { AT_FDCWD, type World } from '../world.ts';
import { takeEntered } from './enter.ts';
import type { Transition, TransitionFamily } from './transition.ts';

/** Where an event has what; -1: nowhere. */
interface OpenLayout {
  readonly enterCode: number;
  readonly dirfd: number;
  readonly path: number;
  readonly flags: number;
  readonly dev: number;
  readonly ino: number;
  /** Bits that say which layer of an overlay the file is on, and their parameter. */
  readonly layers: number;
  readonly upperLayer: number;
  readonly lowerLayer: number;
}

const O_DIRECTORY = 1 << 10;
const O_CLOEXEC = 1 << 12;
const O_CREAT = 1 << 2;
const O_TRUNC = 1 << 8;
const O_WRONLY = 1 << 1;
/** This bit and those above it are the kernel's, which no argument carries. */
const KERNEL_BITS = ~((1 << 14) - 1);

const usualLayers = { upperLayer: 1 << 15, lowerLayer: 1 << 16 };
const openLayout = { enterCode: 2, dirfd: -1, path: 1, flags: 2, dev: 4, ino: 5, layers: 2, ...usualLayers };
const openatLayout = {
  enterCode: 306,
  dirfd: 1,
  path: 2,
  flags: 3,
  dev: 5,
  ino: 6,
  layers: 3,
  ...usualLayers,
};
const openat2Layout = {
  enterCode: 326,
  dirfd: 1,
  path: 2,
  flags: 3,
  dev: 6,
  ino: 7,
  layers: 3,
  ...usualLayers,
};
const creatLayout = {
  enterCode: 58,
  dirfd: -1,
  path: 1,
  flags: -1,
  dev: 3,
  ino: 4,
  layers: 5,
  upperLayer: 1,
  lowerLayer: 2,
};
const byHandleLayout = {
  enterCode: -1,
  dirfd: -1,
  path: 3,
  flags: 2,
  dev: 4,
  ino: 5,
  layers: 2,
  ...usualLayers,
};

function openWith(layout: OpenLayout): Transition {
  return (world, event, view, thread) => open(world, event, view, thread, layout);
}

function open(world: World, event: CurrentEvent, view: EventView, thread: Thread, layout: OpenLayout): void {
  let dirfd = layout.dirfd < 0 ? AT_FDCWD : view.i32(layout.dirfd);
  let path = world.texts.textUpToNul(view, layout.path) ?? '';
  let flags = layout.flags < 0 ? O_CREAT | O_TRUNC | O_WRONLY : view.u32(layout.flags);
  const { entered } = thread;
  if (entered !== undefined && entered.code !== 0 && takeEntered(world, entered, layout.enterCode)) {
    event.enterPath = entered.path;
    event.enterDirfd = entered.dirfd;
    event.enterOpenFlags = entered.openFlags;
    event.enterMode = entered.mode;
    path = entered.path ?? path;
    if (layout.dirfd >= 0) dirfd = entered.dirfd;
    if (entered.openFlags !== undefined) flags = entered.openFlags | (flags & KERNEL_BITS);
  }
  const number = view.i32(0);
  if (number < 0) {
    event.fdNum = NO_NEW_FD;
    return;
  }
  const fd = new Fd();
  fd.kind = (flags & O_DIRECTORY) !== 0 ? fdKind.directory : fdKind.file;
  fd.name = world.resolveAt(thread, dirfd, path);
  fd.rawName = path;
  fd.openFlags = flags;
  fd.dev = view.u32(layout.dev);
  fd.ino = exactU64(view, layout.ino);
  if ((flags & O_CLOEXEC) !== 0) fd.flags |= fdFlag.closeOnExec;
  const layers = layout.layers === layout.flags ? flags : view.u16(layout.layers);
  if ((layers & layout.upperLayer) !== 0) fd.flags |= fdFlag.upperLayer;
  if ((layers & layout.lowerLayer) !== 0) fd.flags |= fdFlag.lowerLayer;
  world.putFd(thread, number, fd);
  event.fd = fd;
  event.fdNum = number;
  event.isFdNameChanged = true;
}

export const openTransitions: TransitionFamily = {
  name: 'open',
  transitions: {
    3: openWith(openLayout),
    59: openWith(creatLayout),
    307: openWith(openatLayout),
    327: openWith(openat2Layout),
    337: openWith(byHandleLayout),
  },
};
