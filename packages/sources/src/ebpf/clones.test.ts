/** Both sides of every call that makes a process, across pid namespaces. Root and BTF needed. */

import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { type LiveEvent, liveObstacle } from '../../testing/live-probe.ts';
import { compileProgram, useLiveProbe } from '../../testing/use-live-probe.ts';

const obstacle = liveObstacle();
const title = obstacle === undefined ? 'children' : `children (skipped: ${obstacle})`;

/** As the wire numbers them. */
const CLONE_FS = 1 << 1;
const CLONE_NEWPID = 1 << 6;
const CLONE_NEWUTS = 1 << 7;
const CLONE_PARENT_SETTID = 1 << 9;
const CHILD_IN_PIDNS = 1 << 29;

const calls = ['fork', 'vfork', 'clone', 'clone3'];

describe.skipIf(obstacle !== undefined)(title, () => {
  const probe = useLiveProbe();
  /** Caller and child of each call, in the order of the calls. */
  let pairs: readonly { caller: LiveEvent; child: LiveEvent }[] = [];
  let results: readonly string[] = [];
  let first = 0;

  beforeAll(async () => {
    const program = compileProgram('clone-calls', probe.folder);
    const { events, output } = await probe.run(`exec ${program}`);
    results = output.trim().split('\n');
    const exec = events.findIndex(({ name, params }) => name === 'execve' && params.comm === 'clone-calls');
    first = events[exec]?.tid ?? 0;
    const made = events.slice(exec).filter(({ name }) => calls.includes(name));
    const children = made.filter(({ params }) => params.res === '0');
    /* A caller that waits for its child goes on later: by its own calls, in order. */
    const callers = made.filter(({ params }) => params.res !== '0');
    pairs = children.map((child) => {
      const own = children.filter(({ params }) => params.ptid === child.params.ptid);
      const caller = callers.filter(({ tid }) => String(tid) === child.params.ptid)[own.indexOf(child)];
      if (caller === undefined) throw new Error('a child without a caller');
      return { caller, child };
    });
  }, 60_000);

  const pairOf = (index: number) => {
    const pair = pairs[index];
    if (pair === undefined) throw new Error(`there are only ${pairs.length} children`);
    return pair;
  };

  test('each child is told of by itself and by its caller', () => {
    expect(pairs.map(({ child }) => child.name)).toEqual([...calls, 'clone', ...calls, 'fork']);
    for (const { caller, child } of pairs) {
      expect(caller.name).toBe(child.name);
      expect(child.params.tid).toBe(String(child.tid));
      expect(child.params.pid).toBe(child.params.tid);
      expect(child.params.comm).toBe('clone-calls');
      expect(child.params.exe).toBe(caller.params.exe);
    }
  });

  test('in one namespace ids are the same everywhere', () => {
    for (const [index, call] of calls.entries()) {
      const { caller, child } = pairOf(index);
      expect(results).toContain(`${call}=${child.tid}`);
      expect(caller.params).toMatchObject({
        res: String(child.tid),
        tid: String(first),
        vtid: String(first),
      });
      expect(child.params).toMatchObject({
        vtid: String(child.tid),
        vpid: String(child.tid),
        ptid: String(first),
      });
      expect(Number(child.params.flags) & CHILD_IN_PIDNS).toBe(0);
    }
  });

  test('flags are those that were asked for', () => {
    const flags = [0, 0, CLONE_FS, CLONE_FS | CLONE_PARENT_SETTID];
    expect(flags.map((_, index) => Number(pairOf(index).caller.params.flags))).toEqual(flags);
    expect(flags.map((_, index) => Number(pairOf(index).child.params.flags))).toEqual(flags);
  });

  test('the first process of a namespace is its number 1', () => {
    const { caller, child } = pairOf(calls.length);
    expect(results).toContain(`new=${child.tid}`);
    expect(caller.params).toMatchObject({
      res: String(child.tid),
      vtid: String(first),
      pidns_init_start_ts: '0',
    });
    expect(child.params).toMatchObject({ vtid: '1', vpid: '1', ptid: String(first) });
    for (const { params } of [caller, child])
      expect(Number(params.flags) & (CLONE_NEWPID | CLONE_NEWUTS)).toBe(CLONE_NEWPID | CLONE_NEWUTS);
    expect(Number(child.params.flags) & CHILD_IN_PIDNS).toBe(CHILD_IN_PIDNS);
    const sinceBootNs = Number(readFileSync('/proc/uptime', 'latin1').split(' ')[0]) * 1e9;
    const startNs = Number(child.params.pidns_init_start_ts);
    expect(startNs).toBeGreaterThan(sinceBootNs - 120e9);
    expect(startNs).toBeLessThan(sinceBootNs + 1e9);
  });

  test('within it, callers learn the inner numbers, and events have both', () => {
    const init = pairOf(calls.length).child;
    for (const [index, call] of calls.entries()) {
      const { caller, child } = pairOf(calls.length + 1 + index);
      const inner = String(index + 2);
      expect(results).toContain(`${call}=${inner}`);
      expect(caller.params).toMatchObject({ res: inner, tid: String(init.tid), vtid: '1', vpid: '1' });
      expect(child.params).toMatchObject({ vtid: inner, vpid: inner, ptid: String(init.tid) });
      expect(child.tid).not.toBe(Number(inner));
      expect(child.params.pidns_init_start_ts).toBe(init.params.pidns_init_start_ts);
      for (const { params } of [caller, child])
        expect(Number(params.flags) & CHILD_IN_PIDNS).toBe(CHILD_IN_PIDNS);
    }
  });

  test('a namespace for children alone', () => {
    const { caller, child } = pairOf(2 * calls.length + 1);
    expect(results).toContain(`unshared=${child.tid}`);
    expect(caller.params).toMatchObject({ res: String(child.tid), vtid: String(first) });
    expect(child.params).toMatchObject({ vtid: '1', vpid: '1' });
    for (const { params } of [caller, child])
      expect(Number(params.flags) & CHILD_IN_PIDNS).toBe(CHILD_IN_PIDNS);
  });
});
