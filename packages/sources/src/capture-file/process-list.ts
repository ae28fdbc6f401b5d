/** Process lists of captures, all nine versions. */

import { processListTypes } from '@peregrine/events';
import type { ProcessRecord } from '@peregrine/state';
import { Cursor } from './cursor.ts';

const NO_LOGIN = 0xffff_ffff;
/** COMPAT: from version 9 on, these fields are there only when more than so many bytes are left of the entry. */
const BYTES_BEFORE_TTY = 29;
/** Smaller rests are padding. */
const SMALLEST_ENTRY_BYTES = 4;

export function decodeProcesses(type: number, body: Uint8Array, take: (record: ProcessRecord) => void): void {
  const version = processListTypes.indexOf(type) + 1;
  const cursor = new Cursor(body);
  while (cursor.left >= SMALLEST_ENTRY_BYTES) {
    if (version < 9) {
      take(decodeProcess(cursor, version));
      continue;
    }
    const outer = cursor.enter(cursor.u32() - 4);
    take(decodeProcess(cursor, version));
    cursor.leave(outer);
  }
}

function decodeProcess(cursor: Cursor, version: number): ProcessRecord {
  const tid = cursor.i64();
  const pid = cursor.i64();
  const ptid = cursor.i64();
  const sid = version >= 6 ? cursor.i64() : -1;
  const vpgid = version >= 8 ? cursor.i64() : -1;
  const comm = cursor.text();
  const exe = cursor.text();
  const exepath = version >= 7 ? cursor.text() : '';
  const args = cursor.text();
  const cwd = cursor.text();
  const fdlimit = cursor.i64();
  const cloneFlags = cursor.u32();
  const uid = cursor.u32();
  const gid = cursor.u32();
  const hasUsage = version >= 2;
  const vmsizeKb = hasUsage ? cursor.u32() : 0;
  const vmrssKb = hasUsage ? cursor.u32() : 0;
  const vmswapKb = hasUsage ? cursor.u32() : 0;
  const pfmajor = hasUsage ? cursor.u64() : 0;
  const pfminor = hasUsage ? cursor.u64() : 0;
  const env = version >= 3 ? cursor.text() : '';
  const vtid = version >= 4 ? cursor.i64() : tid;
  const vpid = version >= 4 ? cursor.i64() : pid;
  const cgroups = version >= 4 ? cursor.text() : '';
  const root = version >= 5 ? cursor.text() : '';
  return {
    ...{ tid, pid, ptid, sid, vpgid, comm, exe, exepath, args, cwd, fdlimit, cloneFlags, uid, gid },
    ...{ vmsizeKb, vmrssKb, vmswapKb, pfmajor, pfminor, env, vtid, vpid, cgroups, root },
    ...decodeLater(cursor, version),
    cloneTsNs: 0n,
  };
}

/** Fields that recorders added one by one: each is there if bytes are left of the entry. */
function decodeLater(cursor: Cursor, version: number) {
  const isLong = version >= 9;
  const hasTty = isLong && cursor.left > BYTES_BEFORE_TTY;
  const has = (size: number): boolean => isLong && cursor.left >= size;
  return {
    pidnsInitStartNs: hasTty ? cursor.u64() : 0,
    tty: hasTty ? cursor.u32() : 0,
    loginuid: has(4) ? cursor.u32() : NO_LOGIN,
    isExeWritable: has(1) && cursor.u8() !== 0,
    capInheritable: has(8) ? cursor.bigU64() : 0n,
    capPermitted: has(8) ? cursor.bigU64() : 0n,
    capEffective: has(8) ? cursor.bigU64() : 0n,
    isExeUpperLayer: has(1) && cursor.u8() !== 0,
    exeIno: has(8) ? cursor.u64() : 0,
    exeInoCtimeNs: has(8) ? cursor.u64() : 0,
    exeInoMtimeNs: has(8) ? cursor.u64() : 0,
    isExeFromMemfd: has(1) && cursor.u8() !== 0,
    isExeLowerLayer: has(1) && cursor.u8() !== 0,
    pgid: has(8) ? cursor.i64() : -1,
  };
}
