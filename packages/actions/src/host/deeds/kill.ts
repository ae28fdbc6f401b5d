/** Ends processes: one, one with all that it started, or all of a control group. */

import { closeSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { choice, schema } from '@peregrine/base';
import type { ActionOutcome } from '../../action.ts';
import { type DeedCall, defineDeed, refused, unchanged } from '../deed.ts';
import { knownGroup } from '../known-group.ts';
import {
  identify,
  type KnownProcess,
  type ProcessData,
  processKeys,
  whyProtected,
} from '../known-process.ts';
import { type ControlGroup, membersOf } from '../linux/control-groups.ts';
import { listProcesses, programOf, readProcess } from '../linux/process-facts.ts';

export const killScopes = ['process', 'tree', 'container'] as const;
export const killSignals = [
  ...(['KILL', 'TERM', 'INT', 'HUP', 'QUIT', 'ABRT'] as const),
  ...(['STOP', 'CONT', 'USR1', 'USR2'] as const),
] as const;

type Signal = (typeof killSignals)[number];

/** Processes of one tree or group, at the most. */
const MOST_PROCESSES = 10_000;
/** Of these, as many are written down. */
const MOST_TOLD = 100;
/** Rounds of signals, for those that are made meanwhile. */
const MOST_ROUNDS = 10;

const killData = schema({
  ...processKeys,
  scope: choice(killScopes, { default: 'process', doc: 'What is ended.' }),
  signal: choice(killSignals, { default: 'KILL', doc: 'Signal that is sent.' }),
});
type KillData = ProcessData & { readonly scope: (typeof killScopes)[number]; readonly signal: Signal };

export const kill = defineDeed({
  name: 'kill',
  doc: 'Sends a signal to a process, to it and all that it started, or to all of its control group.',
  data: killData,
  capabilities: ({ scope }) => killCapabilities(scope),
  run: (call) => {
    const known = identify(call.data, call);
    if (known.kind === 'not') return known.outcome;
    try {
      switch (call.data.scope) {
        case 'process':
          return killOne(known, call);
        case 'tree':
          return killTree(known, call);
        case 'container':
          return killGroup(known, call);
      }
    } finally {
      closeSync(known.pidfd);
    }
  },
});

/** Looking at programs of others takes tracing; the switch of a control group belongs to whoever made it. */
export function killCapabilities(scope: (typeof killScopes)[number]): readonly string[] {
  const always = ['CAP_KILL', 'CAP_SYS_PTRACE'];
  return scope === 'container' ? [...always, 'CAP_DAC_OVERRIDE'] : always;
}

function killOne(
  { facts, pidfd }: KnownProcess,
  { data, calls, isDryRun }: DeedCall<KillData>,
): ActionOutcome {
  const { pid } = facts;
  const program = programOf(pid) ?? facts.name;
  if (!isDryRun) {
    const sent = calls.pidfdSignal(pidfd, numberOf(data.signal));
    if ('failure' in sent)
      return sent.failure.code === 'ESRCH'
        ? unchanged(`process ${pid} has ended`)
        : refused(`process ${pid} cannot be sent a signal: ${sent.failure.reason}`);
  }
  return sentTo([pid], `process ${pid} (${program})`, { data, isDryRun });
}

/** They are stopped as they are found, so that none of them can start others that would not be. */
function killTree(root: KnownProcess, call: DeedCall<KillData>): ActionOutcome {
  const { data, calls, isDryRun } = call;
  const pidfds = new Map([[root.facts.pid, root.pidfd]]);
  const stopped: number[] = [];
  const signalAll = (fds: Iterable<number>, signal: Signal): void => {
    for (const fd of fds) calls.pidfdSignal(fd, numberOf(signal));
  };
  const hold = (fd: number): void => {
    if (isDryRun) return;
    signalAll([fd], 'STOP');
    stopped.push(fd);
  };
  try {
    hold(root.pidfd);
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const found = descendantsOf(pidfds).filter(({ pid }) => !pidfds.has(pid));
      if (found.length === 0) break;
      for (const facts of found) {
        const why = whyProtected(facts, call);
        if (why !== undefined || pidfds.size >= MOST_PROCESSES) {
          signalAll(stopped, 'CONT');
          return refused(why ?? `process ${root.facts.pid} has started more than ${MOST_PROCESSES} others`);
        }
        const opened = calls.pidfdOpen(facts.pid);
        if ('failure' in opened) continue;
        // Its id could have been given to another since it was listed.
        if (readProcess(facts.pid)?.startTicks !== facts.startTicks) closeSync(opened.value);
        else {
          pidfds.set(facts.pid, opened.value);
          hold(opened.value);
        }
      }
    }
    const pids = [...pidfds.keys()];
    const text = `process ${root.facts.pid} and ${pids.length - 1} that it started`;
    if (!isDryRun) {
      signalAll(pidfds.values(), data.signal);
      if (data.signal !== 'KILL' && data.signal !== 'STOP') signalAll(pidfds.values(), 'CONT');
    }
    return sentTo(pids, text, call);
  } finally {
    for (const fd of pidfds.values()) if (fd !== root.pidfd) closeSync(fd);
  }
}

/** Processes that these started, and those that they did. */
function descendantsOf(
  roots: ReadonlyMap<number, number>,
): readonly NonNullable<ReturnType<typeof readProcess>>[] {
  const all = listProcesses().flatMap((pid) => readProcess(pid) ?? []);
  const within = new Set(roots.keys());
  const found: NonNullable<ReturnType<typeof readProcess>>[] = [];
  for (let size = -1; size !== within.size; ) {
    size = within.size;
    for (const facts of all) {
      if (within.has(facts.pid) || !within.has(facts.parentPid) || facts.isEnded) continue;
      within.add(facts.pid);
      found.push(facts);
    }
  }
  return found;
}

function killGroup({ facts }: KnownProcess, call: DeedCall<KillData>): ActionOutcome {
  const { data, isDryRun } = call;
  const known = knownGroup(facts.pid, data.container, call);
  if (known.kind === 'not') return known.outcome;
  const { group, members } = known;
  if (!isDryRun && !(data.signal === 'KILL' && throwSwitch(group))) signalMembers(group, call);
  return sentTo(members, `${members.length} processes of control group \`${group.path}\``, call);
}

/** The kernel ends them all at once, and those that are being made. Older ones cannot. */
function throwSwitch({ hierarchy, folder }: ControlGroup): boolean {
  if (hierarchy !== 'unified') return false;
  try {
    writeFileSync(join(folder, 'cgroup.kill'), '1', { flag: 'r+' });
    return true;
  } catch {
    return false;
  }
}

function signalMembers(group: ControlGroup, { data, calls, ...world }: DeedCall<KillData>): void {
  const rounds = data.signal === 'KILL' ? MOST_ROUNDS : 1;
  for (let round = 0; round < rounds; round++) {
    const members = membersOf(group);
    if (members.length === 0) return;
    for (const pid of members) {
      const opened = calls.pidfdOpen(pid);
      if ('failure' in opened) continue;
      const facts = readProcess(pid);
      if (facts !== undefined && whyProtected(facts, world) === undefined && membersOf(group).includes(pid))
        calls.pidfdSignal(opened.value, numberOf(data.signal));
      closeSync(opened.value);
    }
  }
}

function sentTo(
  pids: readonly number[],
  text: string,
  { data: { signal }, isDryRun }: Pick<DeedCall<KillData>, 'data' | 'isDryRun'>,
): ActionOutcome {
  return {
    kind: 'done',
    summary: `${isDryRun ? 'would send' : 'sent'} SIG${signal} to ${text}`,
    changes: pids
      .slice(0, MOST_TOLD)
      .map((pid) => ({ object: `process ${pid}`, after: `sent SIG${signal}` })),
    results: { count: pids.length, signal },
  };
}

function numberOf(signal: Signal): number {
  return constants.signals[`SIG${signal}`];
}
