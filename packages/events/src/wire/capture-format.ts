/** Numbers of the capture file format: block types and fixed sizes. COMPAT: scap 1.2. */

export const SECTION_MAGIC = 0x1a2b_3c4d;
export const SECTION_MAJOR = 1;
export const SECTION_MINOR = 2;

/** Type and total length before the body, total length again after it. */
export const BLOCK_HEADER_BYTES = 8;
export const BLOCK_TRAILER_BYTES = 4;

/** Longer events go into blocks of their own kind, where their type allows that. */
export const PLAIN_EVENT_BYTES = 65_536;

/** Header of version 1 events, which lack the parameter count. */
export const OLD_HEADER_BYTES = 22;

export const blockType = {
  section: 0x0a0d_0d0a,
  machine: 0x201,
  processes: 0x215,
  fds: 0x218,
  interfaces: 0x219,
  users: 0x220,
  event: 0x216,
  eventFlags: 0x217,
  largeEvent: 0x221,
  largeEventFlags: 0x222,
  oldEvent: 0x204,
  oldEventFlags: 0x208,
  oldFds: 0x203,
  oldInterfaces: 0x205,
  oldUsers: 0x206,
} as const;

/** Types of older process lists, in the order of their versions 1 to 9. */
export const processListTypes: readonly number[] = [
  0x202, 0x207, 0x209, 0x210, 0x211, 0x212, 0x213, 0x214, 0x215,
];

/** The original closed format set the top bit and numbered from its own base; the layouts are the same. */
const INTERNAL_BASE = 0x8002_abcd;

/** The open format's type for a type of the original closed one; other types as they are. */
export function openBlockType(type: number): number {
  if (type < INTERNAL_BASE || type > INTERNAL_BASE + 8) return type;
  return type - INTERNAL_BASE + blockType.machine;
}
