/** Records and checks that tests of the tables share. */

import type { StateEngine, Thread } from '../src/index.ts';

/** A process of its own, as a source would tell of it. */
export function record(tid: number): Parameters<StateEngine['sink']['process']>[0] {
  return {
    ...{
      tid,
      pid: tid,
      ptid: 0,
      sid: 1,
      vpgid: 1,
      pgid: 1,
      vtid: tid,
      vpid: tid,
      comm: 'found',
      exe: 'x',
      exepath: '/x',
    },
    ...{
      args: '',
      cwd: '/work',
      env: '',
      cgroups: '',
      root: '/',
      fdlimit: 9,
      cloneFlags: 0,
      uid: 0,
      gid: 0,
      loginuid: 0,
    },
    ...{
      tty: 0,
      vmsizeKb: 0,
      vmrssKb: 0,
      vmswapKb: 0,
      pfmajor: 0,
      pfminor: 0,
      pidnsInitStartNs: 0,
      cloneTsNs: 5n,
    },
    ...{ isExeWritable: false, isExeUpperLayer: false, isExeLowerLayer: false, isExeFromMemfd: false },
    ...{
      capInheritable: 0n,
      capPermitted: 0n,
      capEffective: 0n,
      exeIno: 0,
      exeInoCtimeNs: 0,
      exeInoMtimeNs: 0,
    },
  };
}

/** How many ancestors a thread has; NaN for a ring. */
export function ancestorsOf(thread: Thread | undefined): number {
  let count = 0;
  for (let next = thread?.parent; next !== undefined; next = next.parent)
    if (++count > 1_000) return Number.NaN;
  return count;
}
