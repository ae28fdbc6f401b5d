/** What a source tells of the world before (or between) events: a capture's head, `/proc`, a user database. */

import type { IpAddress } from '@peregrine/base';
import type { FdKind, L4 } from './fd.ts';

export interface ProcessRecord {
  readonly tid: number;
  readonly pid: number;
  readonly ptid: number;
  readonly sid: number;
  readonly vpgid: number;
  readonly pgid: number;
  readonly vtid: number;
  readonly vpid: number;
  /** All text is byte text; lists carry a NUL after each element. */
  readonly comm: string;
  readonly exe: string;
  readonly exepath: string;
  readonly args: string;
  readonly cwd: string;
  readonly env: string;
  readonly cgroups: string;
  readonly root: string;
  readonly fdlimit: number;
  /** Clone flags as recorded (CLONE_THREAD tells a thread from a process). */
  readonly cloneFlags: number;
  readonly uid: number;
  readonly gid: number;
  readonly loginuid: number;
  readonly tty: number;
  readonly vmsizeKb: number;
  readonly vmrssKb: number;
  readonly vmswapKb: number;
  readonly pfmajor: number | bigint;
  readonly pfminor: number | bigint;
  readonly pidnsInitStartNs: number | bigint;
  readonly cloneTsNs: bigint;
  readonly isExeWritable: boolean;
  readonly isExeUpperLayer: boolean;
  readonly isExeLowerLayer: boolean;
  readonly isExeFromMemfd: boolean;
  readonly capInheritable: bigint;
  readonly capPermitted: bigint;
  readonly capEffective: bigint;
  readonly exeIno: number | bigint;
  readonly exeInoCtimeNs: number | bigint;
  readonly exeInoMtimeNs: number | bigint;
}

export interface FdRecord {
  /** Owner: a main thread's tid. */
  readonly tid: number;
  readonly fd: number;
  readonly kind: FdKind;
  readonly name: string;
  readonly ino: number | bigint;
  readonly dev: number;
  readonly mountId: number;
  readonly openFlags: number;
  readonly l4: L4;
  readonly sourceIp: IpAddress | undefined;
  readonly destinationIp: IpAddress | undefined;
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Fd flags to set (see `fdFlag`), for sources that know the role. */
  readonly flags: number;
}

export interface UserRecord {
  /** Container that the entry belongs to; `''` for the host. */
  readonly containerId: string;
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
  readonly home: string;
  readonly shell: string;
}

export interface GroupRecord {
  readonly containerId: string;
  readonly gid: number;
  readonly name: string;
}

export interface InterfaceRecord {
  readonly name: string;
  readonly address: IpAddress;
  readonly netmask: IpAddress;
}

export interface MachineRecord {
  readonly hostname: string;
  readonly cpuCount: number;
  readonly memoryBytes: number;
  /** Boot time, nanoseconds since the epoch; 0 when the recorder did not know. */
  readonly bootTimeNs: bigint;
}

export interface StateSink {
  /** A new section or a new start: forget everything. */
  reset(): void;
  machine(record: MachineRecord): void;
  process(record: ProcessRecord): void;
  fd(record: FdRecord): void;
  user(record: UserRecord): void;
  group(record: GroupRecord): void;
  interface(record: InterfaceRecord): void;
  /** All records of this section or start are in: links parents, matches containers. */
  settle(): void;
}
