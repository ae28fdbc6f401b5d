/**
 * clone, clone3, fork, vfork: one call, two exits, in either order. The caller's side makes the child unless the
 * child's own ids cannot be known there; the child's side makes it if it is not there yet.
 */

import type { EventView } from '@peregrine/events';
import type { CurrentEvent } from '../event-context.ts';
import { exactU64 } from '../exact.ts';
import { shareFds } from '../fd-table.ts';
import { resetDescendantTerms } from '../term-resets.ts';
import { Process, Thread, threadFlag } from '../thread.ts';
import type { World } from '../world.ts';
import type { TransitionFamily } from './transition.ts';

const RES = 0;
const EXE = 1;
const ARGS = 2;
const PID = 4;
const PTID = 5;
const CWD = 6;
const FDLIMIT = 7;
const PGFT_MAJ = 8;
const PGFT_MIN = 9;
const VM_SIZE = 10;
const VM_RSS = 11;
const VM_SWAP = 12;
const COMM = 13;
const CGROUPS = 14;
const FLAGS = 15;
const UID = 16;
const GID = 17;
const VTID = 18;
const VPID = 19;
const PIDNS_INIT_START = 20;

const CLONE_NEWPID = 1 << 6;
const CLONE_PARENT = 1 << 8;
const CLONE_THREAD = 1 << 13;
const CLONE_VFORK = 1 << 27;
const CHILD_IN_PIDNS = 1 << 29;
/** The child's ids are others than the caller's, or the child tells of itself before the caller can. */
const CHILD_SIDE_ONLY = CLONE_NEWPID | CLONE_PARENT | CLONE_VFORK | CHILD_IN_PIDNS;

const VFORK = 227;

/** Nanoseconds for which an entry is the same clone's other side; an older one is left from an earlier use of the id. */
const SAME_CLONE_NS = 2_000_000_000;
const HIGH_WORD = 4_294_967_296;

function clone(world: World, event: CurrentEvent, view: EventView): void {
  const result = view.i32(RES);
  if (result === 0) childSide(world, event, view);
  else if (result > 0) callerSide(world, event, view, result);
}

function callerSide(world: World, event: CurrentEvent, view: EventView, childTid: number): void {
  const caller = world.threadOrFake(view.tid());
  event.thread = caller;
  if (caller === undefined) return;
  const isKnown = (caller.flags & threadFlag.fake) === 0;
  if (!isKnown) identify(world, caller, view.i32(PID), view.i32(PTID), view.i32(VTID), view.i32(VPID));
  const flags = view.u32(FLAGS);
  if (
    (flags & CHILD_SIDE_ONLY) !== 0 ||
    view.code === VFORK ||
    caller.tid !== caller.vtid ||
    childTid === caller.tid
  )
    return;
  const existing = world.threads.find(childTid);
  if (existing !== undefined) {
    if ((existing.flags & threadFlag.inverted) !== 0) return;
    // What a source told is newer: the child may have done much before its maker's call came to an end.
    if ((existing.flags & threadFlag.listed) !== 0 && isSameClone(existing, view)) return;
    world.threads.removeEarlier(childTid);
  } else if (world.recentExits.has(childTid, caller.tid, view.timestampApproxNs())) return;

  const isThread = (flags & CLONE_THREAD) !== 0;
  const child = new Thread(childTid, isThread ? caller.process : new Process(childTid));
  child.ptid = isThread ? caller.ptid : caller.tid;
  if (isKnown) inherit(child, caller, isThread);
  else copyImage(caller, view);
  readChild(world, view, child);
  child.vtid = childTid;
  child.vpid = child.pid;
  enter(world, child, caller);
}

function childSide(world: World, event: CurrentEvent, view: EventView): void {
  const tid = view.tid();
  const existing = world.threads.find(tid);
  if (existing !== undefined) {
    if (isSameClone(existing, view)) {
      if ((existing.flags & threadFlag.listed) !== 0) existing.flags |= threadFlag.inverted;
      event.thread = existing;
      return;
    }
    world.threads.removeEarlier(tid);
  }
  const pid = view.i32(PID);
  // Told by the ids: the flags of clone3 are read from memory that the call may have changed by now.
  const isThread = pid !== tid;
  const ptid = view.i32(PTID);
  const modelTid = isThread ? pid : ptid;
  const model = modelTid === tid ? undefined : world.threadOrFake(modelTid);
  if (model === undefined && modelTid !== tid) return;
  const isKnown = model !== undefined && (model.flags & threadFlag.fake) === 0;
  if (model !== undefined && !isKnown && isThread) {
    identify(world, model, pid, ptid, view.i32(VPID), view.i32(VPID));
    copyImage(model, view);
  }
  const child = new Thread(tid, isThread ? world.threads.processFor(pid) : new Process(pid));
  child.ptid = ptid;
  child.flags = threadFlag.inverted;
  if (isKnown) inherit(child, model, isThread);
  else if (!isThread) child.process.cwd = view.text(CWD) ?? '';
  readChild(world, view, child);
  child.vtid = view.size(VTID) === 0 ? tid : view.i32(VTID);
  child.vpid = view.size(VPID) === 0 ? pid : view.i32(VPID);
  if (child.vtid !== tid) child.pidnsInitStartNs = exactU64(view, PIDNS_INIT_START);
  enter(world, child, model);
  event.thread = world.threads.find(tid);
}

function isSameClone(existing: Thread, view: EventView): boolean {
  const startNs = existing.cloneTsHigh * HIGH_WORD + existing.cloneTsLow;
  return view.timestampApproxNs() - startNs < SAME_CLONE_NS;
}

/** A made-up thread turns out to be a real one. Its working directory and its fds stay unknown. */
function identify(world: World, thread: Thread, pid: number, ptid: number, vtid: number, vpid: number): void {
  thread.flags &= ~threadFlag.fake;
  const process = world.threads.processFor(pid);
  if (process.mainThread === undefined && process.threadCount === 0) {
    process.fds = thread.process.fds;
    process.isFdsShared = thread.process.isFdsShared;
  }
  thread.process = process;
  thread.ptid = ptid;
  thread.vtid = vtid;
  thread.vpid = vpid;
  world.threads.join(thread);
  world.threads.linkParent(thread);
  resetDescendantTerms(thread);
}

/** What a made-up thread runs is what its child runs, until an exec tells otherwise. */
function copyImage(thread: Thread, view: EventView): void {
  thread.exe = view.text(EXE) ?? '';
  thread.comm = view.text(COMM) ?? '';
  thread.args = view.wholeText(ARGS);
  resetDescendantTerms(thread);
}

/** What a thread has from its process, and a process from its parent. */
function inherit(child: Thread, from: Thread, isThread: boolean): void {
  if (isThread) {
    child.lastExecTsLow = from.lastExecTsLow;
    child.lastExecTsHigh = from.lastExecTsHigh;
  } else {
    shareFds(from.process, child.process);
    child.process.cwd = from.process.cwd;
    // COMPAT: a thread that is not the main one has no environment to hand on (libs 0.25, parsers.cpp).
    if (from.process.mainThread === from) child.process.env = from.process.env;
  }
  child.exepath = from.exepath;
  child.flags |= from.flags & INHERITED_FLAGS;
  child.root = from.root;
  child.sid = from.sid;
  child.vpgid = from.vpgid;
  child.pgid = from.pgid;
  child.tty = from.tty;
  child.loginuid = from.loginuid;
  child.execSession = from.execSession;
  child.capabilities = from.capabilities;
  child.executable = from.executable;
  child.execCloneTsLow = from.execCloneTsLow;
  child.execCloneTsHigh = from.execCloneTsHigh;
}

const INHERITED_FLAGS =
  threadFlag.exeWritable | threadFlag.exeUpperLayer | threadFlag.exeLowerLayer | threadFlag.exeFromMemfd;

/** What the event itself says of the child; both sides say the same. */
function readChild(world: World, view: EventView, child: Thread): void {
  child.exe = world.texts.textUpToNul(view, EXE) ?? '';
  child.args = world.texts.text(view, ARGS);
  child.comm = view.text(COMM) ?? '';
  child.cgroups = world.texts.text(view, CGROUPS);
  child.fdlimit = view.i64(FDLIMIT);
  child.pfmajor = view.u64(PGFT_MAJ);
  child.pfminor = view.u64(PGFT_MIN);
  child.vmsizeKb = view.u32(VM_SIZE);
  child.vmrssKb = view.u32(VM_RSS);
  child.vmswapKb = view.u32(VM_SWAP);
  child.uid = view.u32(UID);
  child.gid = view.u32(GID);
  child.cloneTsLow = view.timestampLow();
  child.cloneTsHigh = view.timestampHigh();
  child.lastAccessSeconds = world.nowSeconds;
  if ((view.u32(FLAGS) & CHILD_IN_PIDNS) !== 0) child.flags |= threadFlag.inPidNamespace;
}

function enter(world: World, child: Thread, from: Thread | undefined): void {
  if (from !== undefined && child.cgroups === from.cgroups && from.containerId !== '')
    child.containerId = from.containerId;
  else world.matchContainer(child);
  world.threads.add(child);
}

export const cloneTransitions: TransitionFamily = {
  name: 'clone',
  threadless: { 223: clone, 225: clone, [VFORK]: clone, 335: clone },
};
