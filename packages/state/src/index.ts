export { containerEventName, decodeContainerEvent } from './containers/container-event.ts';
export { containerEvent, renderContainer } from './containers/encode-container.ts';
export type { ContainerFamily, ContainerMatch } from './containers/family.ts';
export { HOST, matchContainer } from './containers/match.ts';
export { containerRoster } from './containers/roster.ts';
export { createCounters, type StateCounters } from './counters.ts';
export { type EventContext, NO_FD, NO_NEW_FD } from './event-context.ts';
export { joinWords } from './exact.ts';
export {
  ExecSession,
  type SessionMatch,
  type SessionOrigin,
  type SessionUser,
} from './exec-session.ts';
export { Fd, type FdKind, fdFlag, fdKind, type L4, l4 } from './fd.ts';
export { keepEvent } from './keep-event.ts';
export { defaultLimits, type StateLimits, type StateNeed, type StateOptions, stateNeeds } from './options.ts';
export { resolvePath, UNKNOWN_BASE } from './paths.ts';
export type { PurgeOptions } from './purge.ts';
export type { Snapshot } from './snapshot.ts';
export { StateEngine } from './state-engine.ts';
export type {
  FdRecord,
  GroupRecord,
  InterfaceRecord,
  MachineRecord,
  ProcessRecord,
  StateSink,
  UserRecord,
} from './state-sink.ts';
export type {
  Container,
  ContainerMetadata,
  ContainerMount,
  ContainerProbe,
  Group,
  Tables,
  User,
} from './tables.ts';
export { INVALID_UID, NO_ID, Process, Thread, threadFlag, UNKNOWN_TEXT } from './thread.ts';
