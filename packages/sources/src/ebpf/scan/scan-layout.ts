/** Layouts of what the probe's iterators write: the TypeScript side of `bpf/iterators.h`. Byte offsets. */

/** `struct task_record` */
export const taskLayout = {
  flags: 4,
  tid: 8,
  pid: 12,
  ptid: 16,
  vtid: 20,
  vpid: 24,
  pgid: 28,
  vpgid: 32,
  sid: 36,
  uid: 40,
  gid: 44,
  loginuid: 48,
  terminal: 52,
  vmSize: 56,
  vmRss: 60,
  vmSwap: 64,
  exeFlags: 68,
  start: 72,
  namespaceStart: 80,
  fdLimit: 88,
  majorFaults: 96,
  minorFaults: 104,
  inheritable: 112,
  permitted: 120,
  effective: 128,
  exeInode: 136,
  exeChanged: 144,
  exeModified: 152,
  name: 160,
  lengths: 176,
  sizeBytes: 192,
} as const;

export const NAME_BYTES = 16;

/** Bits of a task's `flags`. */
export const taskFlag = { sharesImage: 1, cwdDeleted: 2, pathCut: 4 } as const;

/** Bits of `exeFlags`, as in events. */
export const exeFlag = { writable: 1, upper: 2, memfd: 4, lower: 8 } as const;

/** `struct file_record` */
export const fileLayout = {
  pid: 4,
  fd: 8,
  flags: 12,
  mode: 16,
  device: 20,
  mount: 24,
  length: 28,
  inode: 32,
  socket: 40,
  peer: 48,
  family: 56,
  type: 58,
  protocol: 60,
  state: 62,
  localPort: 64,
  remotePort: 66,
  localIp: 68,
  remoteIp: 84,
  sizeBytes: 104,
} as const;

export const IP_BYTES = 16;
