/** execve, execveat: the process runs another program. A call that failed changes nothing. */

import type { EventView } from '@peregrine/events';
import { readCapabilities } from '../capabilities.ts';
import type { CurrentEvent } from '../event-context.ts';
import { exactU64, highU32, lowU32 } from '../exact.ts';
import { dropCloseOnExec } from '../fd-table.ts';
import { resetDescendantTerms } from '../term-resets.ts';
import { type Thread, threadFlag } from '../thread.ts';
import type { World } from '../world.ts';
import type { TransitionFamily } from './transition.ts';

const RES = 0;
const EXE = 1;
const ARGS = 2;
const PID = 4;
const PTID = 5;
const FDLIMIT = 7;
const PGFT_MAJ = 8;
const PGFT_MIN = 9;
const VM_SIZE = 10;
const VM_RSS = 11;
const VM_SWAP = 12;
const COMM = 13;
const CGROUPS = 14;
const ENV = 15;
const TTY = 16;
const VPGID = 17;
const LOGINUID = 18;
const FLAGS = 19;
/** Permitted and effective sets follow. */
const CAP_INHERITABLE = 20;
const EXE_INO = 23;
const EXE_INO_CTIME = 24;
const EXE_INO_MTIME = 25;
const UID = 26;
const TRUSTED_EXEPATH = 27;
const PGID = 28;
const GID = 29;
const FILENAME = 30;

const EXE_WRITABLE = 1;
const EXE_UPPER_LAYER = 2;
const EXE_FROM_MEMFD = 4;
const EXE_LOWER_LAYER = 8;

const DELETED = ' (deleted)';
const NOT_AVAILABLE = '<NA>';
const EXECVE_ENTER = 292;
const EXECVEAT_ENTER = 330;

/** What survives an exec. */
const KEPT_FLAGS =
  threadFlag.pipeSource |
  threadFlag.pipeDestination |
  threadFlag.mainThread |
  threadFlag.inverted |
  threadFlag.listed |
  threadFlag.nameChanged |
  threadFlag.inPidNamespace;

function exec(world: World, _event: CurrentEvent, view: EventView, thread: Thread): void {
  if (view.i32(RES) < 0) return;
  if ((thread.flags & threadFlag.fake) !== 0) identify(world, view, thread);
  else if (thread.process.otherThreads !== undefined) endOtherThreads(world, thread);
  thread.flags = (thread.flags & KEPT_FLAGS) | flagsOf(view);

  thread.exe = view.text(EXE) ?? '';
  thread.args = world.texts.text(view, ARGS);
  thread.comm = view.text(COMM) ?? '';
  thread.exepath = exepathOf(world, view, thread);
  thread.process.env = world.texts.text(view, ENV);
  readIds(view, thread);
  readUsage(view, thread);
  readExecutable(view, thread);
  if (view.size(CAP_INHERITABLE) > 0)
    thread.capabilities = readCapabilities(view, CAP_INHERITABLE, thread.capabilities);
  if (view.size(CGROUPS) > 0) {
    thread.cgroups = world.texts.text(view, CGROUPS);
    world.matchContainer(thread);
  }
  world.execSessions?.ran(view, thread);
  dropCloseOnExec(thread.process, world.counters);
  resetDescendantTerms(thread);
}

function identify(world: World, view: EventView, thread: Thread): void {
  const pid = view.i32(PID);
  const process = world.threads.processFor(pid);
  if (process.threadCount === 0) {
    process.fds = thread.process.fds;
    process.isFdsShared = thread.process.isFdsShared;
  }
  thread.process = process;
  thread.ptid = view.i32(PTID);
  thread.vtid = thread.tid;
  thread.vpid = pid;
  world.threads.join(thread);
  thread.flags &= ~threadFlag.fake;
  world.threads.linkParent(thread);
}

/** Only the thread that called is left, under the main thread's id. */
function endOtherThreads(world: World, thread: Thread): void {
  const { otherThreads } = thread.process;
  world.threads.revive(thread);
  if (otherThreads !== undefined)
    for (const other of [...otherThreads]) if (other !== thread) world.threads.remove(other.tid);
}

function flagsOf(view: EventView): number {
  const said = view.u32(FLAGS);
  let flags = 0;
  if (said & EXE_WRITABLE) flags |= threadFlag.exeWritable;
  if (said & EXE_UPPER_LAYER) flags |= threadFlag.exeUpperLayer;
  if (said & EXE_FROM_MEMFD) flags |= threadFlag.exeFromMemfd;
  if (said & EXE_LOWER_LAYER) flags |= threadFlag.exeLowerLayer;
  return flags;
}

/** From the kernel where it says, else from what the caller asked for. */
function exepathOf(world: World, view: EventView, thread: Thread): string {
  const trusted = world.texts.textUpToNul(view, TRUSTED_EXEPATH);
  if (trusted !== undefined) return trusted.endsWith(DELETED) ? trusted.slice(0, -DELETED.length) : trusted;
  const asked = view.text(FILENAME) ?? enteredPath(thread);
  if (asked === undefined || asked === NOT_AVAILABLE) return '';
  return world.paths.resolve(thread.process.cwd, asked);
}

function enteredPath(thread: Thread): string | undefined {
  const { entered } = thread;
  if (entered === undefined || (entered.code !== EXECVE_ENTER && entered.code !== EXECVEAT_ENTER))
    return undefined;
  entered.code = 0;
  return entered.path;
}

function readIds(view: EventView, thread: Thread): void {
  if (view.size(TTY) > 0) thread.tty = view.u32(TTY);
  if (view.size(VPGID) > 0) thread.vpgid = view.i32(VPGID);
  if (view.size(PGID) > 0) thread.pgid = view.i32(PGID);
  if (view.size(LOGINUID) > 0) thread.loginuid = view.u32(LOGINUID);
  if (view.size(UID) > 0) thread.uid = view.u32(UID);
  if (view.size(GID) > 0) thread.gid = view.u32(GID);
  thread.lastExecTsLow = view.timestampLow();
  thread.lastExecTsHigh = view.timestampHigh();
}

function readUsage(view: EventView, thread: Thread): void {
  thread.fdlimit = view.i64(FDLIMIT);
  if (view.size(PGFT_MAJ) > 0) thread.pfmajor = view.u64(PGFT_MAJ);
  if (view.size(PGFT_MIN) > 0) thread.pfminor = view.u64(PGFT_MIN);
  if (view.size(VM_SIZE) > 0) thread.vmsizeKb = view.u32(VM_SIZE);
  if (view.size(VM_RSS) > 0) thread.vmrssKb = view.u32(VM_RSS);
  if (view.size(VM_SWAP) > 0) thread.vmswapKb = view.u32(VM_SWAP);
}

function readExecutable(view: EventView, thread: Thread): void {
  thread.executable = {
    ino: exactU64(view, EXE_INO),
    ctimeLow: lowU32(view, EXE_INO_CTIME),
    ctimeHigh: highU32(view, EXE_INO_CTIME),
    mtimeLow: lowU32(view, EXE_INO_MTIME),
    mtimeHigh: highU32(view, EXE_INO_MTIME),
  };
  thread.execCloneTsLow = thread.cloneTsLow;
  thread.execCloneTsHigh = thread.cloneTsHigh;
  thread.hasExecOfItsOwn = true;
}

export const execTransitions: TransitionFamily = { name: 'exec', transitions: { 293: exec, 331: exec } };
