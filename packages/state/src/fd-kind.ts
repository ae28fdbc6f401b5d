/** What fds are: kinds, transports, flags. */

/** Kinds, with the numbers that capture files use. */
export const fdKind = {
  unknown: 0,
  fileOld: 1,
  directory: 2,
  ipv4: 3,
  ipv6: 4,
  ipv4Server: 5,
  ipv6Server: 6,
  fifo: 7,
  unix: 8,
  eventfd: 9,
  unsupported: 10,
  signalfd: 11,
  eventpoll: 12,
  inotify: 13,
  timerfd: 14,
  netlink: 15,
  file: 16,
  bpf: 17,
  userfaultfd: 18,
  ioUring: 19,
  memfd: 20,
  pidfd: 21,
} as const;
export type FdKind = (typeof fdKind)[keyof typeof fdKind];

/** Layer-4 protocols, with the numbers that capture files use. */
export const l4 = { unknown: 0, notApplicable: 1, tcp: 2, udp: 3, icmp: 4, raw: 5 } as const;
export type L4 = (typeof l4)[keyof typeof l4];

/** Bits of `Fd.flags`. */
export const fdFlag = {
  roleServer: 1 << 0,
  roleClient: 1 << 1,
  closeOnExec: 1 << 2,
  /** It has a peer, or is about to: `fd.connected`. Stays when a connection under way fails. */
  connected: 1 << 3,
  connectionPending: 1 << 4,
  connectionFailed: 1 << 5,
  upperLayer: 1 << 6,
  lowerLayer: 1 << 7,
  cloned: 1 << 8,
  fromProc: 1 << 9,
} as const;
