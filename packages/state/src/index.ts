export { type EventContext, NO_FD } from './event-context.ts';
export { Fd, type FdKind, fdFlag, fdKind, type L4, l4 } from './fd.ts';
export type { IpBytes } from './ip.ts';
export type {
  FdRecord,
  GroupRecord,
  InterfaceRecord,
  MachineRecord,
  ProcessRecord,
  StateSink,
  UserRecord,
} from './state-sink.ts';
export { INVALID_UID, NO_ID, Process, Thread, threadFlag } from './thread.ts';
export type { Tables } from './tables.ts';
