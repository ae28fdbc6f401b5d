/** Layouts that the probe and user space share: the TypeScript side of `bpf/control.h` and `bpf/record.h`. */

/** `struct control`, in the section `.data.control`: byte offsets. */
export const controlLayout = {
  bootToEpochNs: 0,
  scopeCgroup: 8,
  scopeHierarchy: 16,
  scopeLevel: 20,
  ignoredTgid: 24,
  hooks: 28,
  openFlags: 32,
  isEnabled: 36,
  accountHierarchy: 40,
  readerWaits: 44,
  filterSlot: 48,
  fdGeneration: 52,
  hasUntold: 56,
  interest: 64,
  genericIds: 576,
  compatCalls: 1_600,
  sizeBytes: 2_624,
} as const;

export const SYSCALL_TABLE_SIZE = 512;
export const EVENT_TABLE_SIZE = 512;

/** Values of an entry of `control.interest`. */
export const interestFlag = {
  emit: 1,
  openFlags: 2,
  compat: 4,
  rare: 8,
  generic: 16,
  filter: 32,
  makesFds: 64,
  kill: 128,
} as const;

/** Bits of `control.hooks`. */
export const hookFlag = { exec: 1, fork: 2, exit: 4 } as const;

/** `control.reader_waits`. */
export const readerWaits = { no: 0, event: 1, filling: 2 } as const;

/** `control.scope_hierarchy`: a v1 hierarchy is `v1` plus the id of one of its subsystems. */
export const scopeHierarchy = { none: 0, unified: 1, v1: 2 } as const;

/** `struct cpu_counters`: indices of 64-bit words. */
export const countersLayout = {
  sequence: 0,
  failedReads: 1,
  scratchBusy: 2,
  emitted: 3,
  unattributed: 4,
  filtered: 5,
  dropped: 8,
  limited: 8 + EVENT_TABLE_SIZE,
  words: 8 + 2 * EVENT_TABLE_SIZE,
} as const;

/** The map `losses`: most entries, and 64-bit words of a key (cgroup, event code) and a value (dropped, limited). */
export const lossTable = { entries: 16_384, keyWords: 2, valueWords: 2 } as const;
/** Where a cgroup key has its hierarchy, a value of `scopeHierarchy`; below is the inode number of its directory. */
export const CGROUP_HIERARCHY_SHIFT = 56n;

/** Before each event in a ring: CPU u16, flags u16, sequence number of that CPU u32. */
export const PREFIX_BYTES = 8;
/** The longest that such a record can be, all of it: `RECORD_BYTES`. */
export const LONGEST_RECORD_BYTES: number = 0x7fff + 1 + 4_096 + 1_024;

/** `struct kills` of `kills.h`: byte offsets; entries of its log; a key of the map `kill_paths`. */
export const killsLayout = {
  mode: 0,
  uidCount: 4,
  uids: 8,
  clauses: 56,
  clauseBytes: 12,
  clausesOf: 440,
  logged: 2_488,
  log: 2_496,
  logEntries: 256,
  entryBytes: 64,
  sizeBytes: 18_880,
  pathKeyBytes: 260,
} as const;
/** `kill_entry`: byte offsets. */
export const killEntryLayout = {
  sequence: 0,
  timeNs: 8,
  pid: 16,
  tid: 20,
  uid: 24,
  rule: 28,
  number: 32,
  error: 36,
  mode: 40,
  comm: 48,
  commBytes: 16,
} as const;

/** `struct filter_set`: byte offsets. The engine's `kernel-filters` write it. */
export const filterLayout = { sizeBytes: 266_016, places: 2 } as const;
