/**
 * Scans while processes come and go: with the events that follow, the tables must end up as the kernel's own are. Root and
 * BTF needed.
 */

import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { StateEngine } from '@peregrine/state';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  createLiveCgroup,
  type LiveCgroup,
  liveObstacle,
  pauseMs,
  printed,
} from '../../../testing/live-probe.ts';
import { compileProgram, useFolder } from '../../../testing/use-live-probe.ts';
import { scanProc } from '../../procfs/scan-proc.ts';
import { type EbpfSource, openEbpf } from '../ebpf-source.ts';
import { resolveScope, scopeInProc } from '../scope.ts';

const obstacle = liveObstacle();
const title = obstacle === undefined ? 'races' : `races (skipped: ${obstacle})`;
const ROUNDS = 3;
const TURNS = 20;
const ATTEMPTS = 20;
const PAUSE_MS = 100;
const RING_BYTES = 32 * 1024 * 1024;

const ways = {
  'the kernel’s iterators': (source: EbpfSource, state: StateEngine): void => {
    expect(source.scan(state.sink).procReason).toBeUndefined();
  },
  '/proc': (_: EbpfSource, state: StateEngine, cgroup: LiveCgroup): void => {
    scanProc(state.sink, { scope: scopeInProc(resolveScope(`cgroup:${cgroup.path}`)) });
  },
};

async function poll(source: EbpfSource, state: StateEngine): Promise<void> {
  source.poll(state.sink, (view) => void state.apply(view), 100_000);
  await sleep(2);
}

function drain(source: EbpfSource, state: StateEngine): void {
  for (let quiet = 0; quiet < 5; ) {
    const count = source.poll(state.sink, (view) => void state.apply(view), 100_000);
    quiet = count === 0 ? quiet + 1 : 0;
    pauseMs(2);
  }
}

interface Task {
  readonly tid: number;
  readonly pid: number;
  /** 0 when it is not in the cgroup. */
  readonly parent: number;
  readonly comm: string;
  readonly args: string;
  /** Of main threads. */
  readonly fds: readonly number[];
}

const byTid = (left: Task, right: Task): number => left.tid - right.tid;

/** What runs in the cgroup. */
function tasksOf(cgroup: LiveCgroup): readonly Task[] {
  const pids = readFileSync(`${cgroup.path}/cgroup.procs`, 'latin1').split('\n').filter(Boolean).map(Number);
  return pids.flatMap((pid) => threadsOf(pid, new Set(pids))).sort(byTid);
}

/** None when it has just ended. */
function threadsOf(pid: number, pids: ReadonlySet<number>): readonly Task[] {
  try {
    const fds = readdirSync(`/proc/${pid}/fd`)
      .map(Number)
      .sort((left, right) => left - right);
    const args = readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0').slice(1).join(' ');
    return readdirSync(`/proc/${pid}/task`).map((name) => {
      const status = readFileSync(`/proc/${pid}/task/${name}/status`, 'latin1');
      const field = (key: string): string => new RegExp(`^${key}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? '';
      const tid = Number(name);
      const parent = Number(field('PPid'));
      return {
        ...{ tid, pid, args, comm: field('Name'), fds: tid === pid ? fds : [] },
        parent: pids.has(parent) ? parent : 0,
      };
    });
  } catch {
    return [];
  }
}

/** What the tables say runs, but for `above`: who started it all. */
function tasksIn(state: StateEngine, above: ReadonlySet<number>): readonly Task[] {
  const { processes, fds } = state.snapshot();
  const fdsByPid = Map.groupBy(fds, ({ tid }) => tid);
  const tasks = [...processes].filter(({ pid }) => !above.has(pid));
  const pids = new Set(tasks.map(({ pid }) => pid));
  return tasks
    .map(
      ({ tid, pid, ptid, comm, args }): Task => ({
        ...{ tid, pid, comm, args: args.split('\0').join(' ') },
        parent: pids.has(ptid) ? ptid : 0,
        fds: (tid === pid ? (fdsByPid.get(pid) ?? []) : [])
          .map(({ fd }) => fd)
          .sort((left, right) => left - right),
      }),
    )
    .sort(byTid);
}

/** On a busy machine some have yet to end. What is wrong stays so, however long one waits. */
async function compareWhenStill(
  source: EbpfSource,
  state: StateEngine,
  cgroup: LiveCgroup,
  child: ChildProcess,
): Promise<{ readonly known: readonly Task[]; readonly expected: readonly Task[] }> {
  const above = ownAncestors();
  for (let attempt = 0; ; attempt++) {
    child.kill('SIGUSR1');
    await sleep(PAUSE_MS);
    drain(source, state);
    const compared = { known: tasksIn(state, above), expected: tasksOf(cgroup) };
    if (attempt === ATTEMPTS || isDeepStrictEqual(compared.known, compared.expected)) return compared;
  }
}

/** This process and those above it. */
function ownAncestors(): ReadonlySet<number> {
  const pids = new Set<number>();
  for (let pid = process.pid; pid > 0; ) {
    pids.add(pid);
    pid = Number(/^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0);
  }
  return pids;
}

describe.skipIf(obstacle !== undefined)(title, () => {
  const folder = useFolder();
  let program = '';
  beforeAll(() => {
    program = compileProgram('churn', folder);
  });

  test.each(Object.entries(ways))(
    'no wrong parent, nothing missing and nothing left over: %s',
    async (_, scan) => {
      for (let round = 0; round < ROUNDS; round++) {
        const cgroup = createLiveCgroup();
        const child = cgroup.spawn(`exec ${program}`);
        await printed(child, 'ready');
        const source = openEbpf({ scope: `cgroup:${cgroup.path}`, ringBytes: RING_BYTES });
        try {
          const state = new StateEngine({ needs: new Set() });
          scan(source, state, cgroup);
          const seenCount = [...state.snapshot().processes].length;
          // What came while the probe was loaded, and then some events in their own time.
          for (let turn = 0; turn < TURNS; turn++) await poll(source, state);
          let isStill = false;
          void printed(child, 'still').then(() => {
            isStill = true;
          });
          child.kill('SIGUSR1');
          while (!isStill) await poll(source, state);
          const compared = await compareWhenStill(source, state, cgroup, child);
          expect(seenCount).toBeGreaterThan(0);
          expect(source.losses()).toMatchObject({ ring_full: 0, cgroup_limit: 0 });
          expect(compared.expected.length).toBeGreaterThan(12);
          expect(compared.known).toEqual(compared.expected);
        } finally {
          source.close();
          await cgroup.remove();
        }
      }
    },
    120_000,
  );
});
