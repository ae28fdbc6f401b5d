/** Reads `status` and `stat` of a task. */

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

export function parseStatus(text: string): TaskStatus | undefined {
  const lines = new Map<string, string>();
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) lines.set(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  const tgid = lines.get('Tgid');
  if (tgid === undefined) return undefined;
  const number = (key: string): number => Number.parseInt(lines.get(key) ?? '0', 10) || 0;
  return {
    tgid: Number(tgid),
    ptid: number('PPid'),
    uid: effective(lines.get('Uid')),
    gid: effective(lines.get('Gid')),
    groups: (lines.get('Groups') ?? '').split(' ').filter(Boolean).map(Number),
    vtid: innermost(lines.get('NSpid')) ?? number('Pid'),
    vpid: innermost(lines.get('NStgid')) ?? Number(tgid),
    vpgid: innermost(lines.get('NSpgid')) ?? -1,
    isInOwnNamespace: lines.get('NSpid')?.includes('\t') ?? false,
    threadCount: number('Threads'),
    vmsizeKb: number('VmSize'),
    vmrssKb: number('VmRSS'),
    vmswapKb: number('VmSwap'),
    capInheritable: capabilities(lines.get('CapInh')),
    capPermitted: capabilities(lines.get('CapPrm')),
    capEffective: capabilities(lines.get('CapEff')),
  };
}

/** Real, effective, saved and file-system id, with tabs between. */
function effective(ids: string | undefined): number {
  return Number(ids?.split('\t')[1] ?? 0xffff_ffff);
}

function innermost(ids: string | undefined): number | undefined {
  const last = ids?.split('\t').at(-1);
  return last === undefined || last === '' ? undefined : Number(last);
}

function capabilities(hex: string | undefined): bigint {
  return hex !== undefined && /^[0-9a-fA-F]+$/.test(hex) ? BigInt(`0x${hex}`) : 0n;
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
