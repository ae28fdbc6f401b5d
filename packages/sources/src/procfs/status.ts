/** Reads `status` and `stat` of a task. */

import { KeyedLines } from './keyed-lines.ts';

export interface TaskStatus {
  readonly tgid: number;
  readonly ptid: number;
  /** The effective ids. */
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  /** In the innermost pid namespace. */
  readonly vtid: number;
  readonly vpid: number;
  readonly vpgid: number;
  /** It has an id in more than one pid namespace, so its own is not the one that this /proc is of. */
  readonly isInOwnNamespace: boolean;
  readonly threadCount: number;
  readonly vmsizeKb: number;
  readonly vmrssKb: number;
  readonly vmswapKb: number;
  readonly capInheritable: bigint;
  readonly capPermitted: bigint;
  readonly capEffective: bigint;
}

const NO_GROUPS: readonly number[] = [];
const NO_CAPABILITIES = '0000000000000000';

export function parseStatus(text: string): TaskStatus | undefined {
  const lines = new KeyedLines(text);
  const tgid = lines.value('Tgid');
  if (tgid === undefined) return undefined;
  const pid = numberAt(lines.value('Pid'));
  const ptid = numberAt(lines.value('PPid'));
  const uid = effective(lines.value('Uid'));
  const gid = effective(lines.value('Gid'));
  const groups = lines.value('Groups') ?? '';
  const vpid = innermost(lines.value('NStgid'));
  const namespaceIds = lines.value('NSpid');
  const vpgid = innermost(lines.value('NSpgid'));
  const vmsizeKb = numberAt(lines.value('VmSize'));
  const vmrssKb = numberAt(lines.value('VmRSS'));
  const vmswapKb = numberAt(lines.value('VmSwap'));
  const threadCount = numberAt(lines.value('Threads'));
  const capInheritable = capabilities(lines.value('CapInh'));
  const capPermitted = capabilities(lines.value('CapPrm'));
  const capEffective = capabilities(lines.value('CapEff'));
  return {
    tgid: Number(tgid),
    ptid,
    uid,
    gid,
    groups: groups === '' ? NO_GROUPS : groups.split(' ').map(Number),
    vtid: innermost(namespaceIds) ?? pid,
    vpid: vpid ?? Number(tgid),
    vpgid: vpgid ?? -1,
    isInOwnNamespace: namespaceIds?.includes('\t') ?? false,
    threadCount,
    vmsizeKb,
    vmrssKb,
    vmswapKb,
    capInheritable,
    capPermitted,
    capEffective,
  };
}

/** Decimal digits at the beginning; 0 without any. */
function numberAt(value: string | undefined): number {
  return value === undefined ? 0 : Number.parseInt(value, 10) || 0;
}

/** Real, effective, saved and file-system id, with tabs between. */
function effective(ids: string | undefined): number {
  return Number(ids?.split('\t', 2)[1] ?? 0xffff_ffff);
}

function innermost(ids: string | undefined): number | undefined {
  return ids === undefined || ids === '' ? undefined : Number(ids.slice(ids.lastIndexOf('\t') + 1));
}

function capabilities(hex: string | undefined): bigint {
  if (hex === undefined || hex === NO_CAPABILITIES) return 0n;
  return /^[0-9a-fA-F]+$/.test(hex) ? BigInt(`0x${hex}`) : 0n;
}

export interface TaskStat {
  readonly comm: string;
  readonly pgid: number;
  readonly sid: number;
  readonly tty: number;
  readonly pfminor: number;
  readonly pfmajor: number;
  /** Start of the task, in ticks of a hundredth of a second since boot. */
  readonly startTicks: number;
}

/** The name stands in parentheses and may itself hold any character, so the last one closes it. */
export function parseStat(text: string): TaskStat | undefined {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 0 || close < open) return undefined;
  const fields = text.slice(close + 2).split(' ');
  const number = (index: number): number => Number(fields[index] ?? 0);
  return {
    comm: text.slice(open + 1, close),
    pgid: number(2),
    sid: number(3),
    tty: number(4),
    pfminor: number(7),
    pfmajor: number(9),
    startTicks: number(19),
  };
}
