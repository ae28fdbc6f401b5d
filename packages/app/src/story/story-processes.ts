/** The processes around an alert, as the tables have them at that moment. */

import type { StoryProcess } from '@peregrine/alert';
import { HOST, INVALID_UID, joinWords, NO_ID, type Tables, type Thread, threadFlag } from '@peregrine/state';
import { storyText } from './story-text.ts';

const MOST_PROCESSES = 32;
/** Children that are looked at; the latest of them are told. */
const MOST_LOOKED_AT = 4_096;
const MOST_CMDLINE = 600;
const MOST_PATH = 300;

export interface StoryProcesses {
  readonly process: StoryProcess | undefined;
  readonly ancestors: readonly StoryProcess[];
  readonly siblings: readonly StoryProcess[];
  readonly children: readonly StoryProcess[];
}

export function processesAround(thread: Thread, tables: Tables): StoryProcesses {
  const tell = (one: Thread): StoryProcess => processOf(one, tables);
  const own = thread.main;
  const parent = parentOf(own);
  return {
    process: isKnown(own) ? tell(thread) : undefined,
    ancestors: ancestorsOf(own).map(tell),
    siblings: parent === undefined ? [] : latest(childrenOf(parent, own)).map(tell),
    children: latest(childrenOf(own, own)).map(tell),
  };
}

function isKnown(thread: Thread): boolean {
  return (thread.flags & threadFlag.fake) === 0 && thread.pid !== NO_ID;
}

function parentOf(thread: Thread): Thread | undefined {
  const parent = thread.main.parent?.main;
  return parent === undefined || !isKnown(parent) ? undefined : parent;
}

function ancestorsOf(thread: Thread): readonly Thread[] {
  const found: Thread[] = [];
  for (
    let next = parentOf(thread);
    next !== undefined && found.length < MOST_PROCESSES;
    next = parentOf(next)
  )
    found.push(next);
  return found;
}

/** Processes that threads of the parent's process made, in the order of their making for each thread. */
function childrenOf(parent: Thread, except: Thread): readonly Thread[] {
  const found: Thread[] = [];
  const { mainThread, otherThreads } = parent.process;
  let looked = 0;
  for (const thread of [mainThread ?? parent, ...(otherThreads ?? [])]) {
    for (const child of thread.children) {
      if (++looked > MOST_LOOKED_AT) return found;
      const isProcess = child.process !== parent.process && child.main === child;
      if (isProcess && child.process !== except.process && isKnown(child)) found.push(child);
    }
  }
  return found;
}

function latest(threads: readonly Thread[]): readonly Thread[] {
  return threads.length > MOST_PROCESSES ? threads.slice(-MOST_PROCESSES) : threads;
}

function processOf(thread: Thread, tables: Tables): StoryProcess {
  const startNs = joinWords(thread.cloneTsLow, thread.cloneTsHigh);
  const args = thread.args.replaceAll('\0', ' ').trimEnd();
  const { containerId } = thread;
  return {
    pid: thread.pid,
    name: storyText(thread.comm, 64),
    exePath: storyText(thread.exepath, MOST_PATH),
    cmdline: storyText(args === '' ? thread.comm : `${thread.comm} ${args}`, MOST_CMDLINE),
    user: userOf(thread, tables),
    ...(startNs > 0 ? { startNs: String(startNs) } : {}),
    ...(containerId === '' || containerId === HOST ? {} : { containerId }),
    ...((thread.flags & threadFlag.dead) === 0 ? {} : { isGone: true }),
  };
}

function userOf({ uid, containerId }: Thread, tables: Tables): string {
  if (uid === INVALID_UID) return '';
  const known = tables.user(containerId === '' ? HOST : containerId, uid)?.name;
  return storyText(known ?? (uid === 0 ? 'root' : String(uid)), 64);
}
