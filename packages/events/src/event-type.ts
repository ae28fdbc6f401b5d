/** Declarations of event types: what the wire carries for each code. */

import type { PrintFormat, ValueType } from '@peregrine/base';

/** The types of fields, and descriptors and process ids that take 32 bits on the wire. */
export type ParamType = ValueType | 'FD32' | 'PID32';

export type ParamFormat = PrintFormat;

export interface ParamDeclaration {
  readonly name: string;
  readonly type: ParamType;
  readonly format: ParamFormat;
  /** Name of the flag table that names its bits or values. */
  readonly flags?: string;
  /** For FSRELPATH: index of the parameter that holds the directory fd. */
  readonly dirfdParamIndex?: number;
  /** For DYN: name of the table of variants. */
  readonly variants?: string;
}

export interface EventType {
  readonly code: number;
  /** What `evt.type` says; `NA` for codes that nothing ever had. */
  readonly name: string;
  /** The wire's own name, `PPME_SYSCALL_OPENAT_2_X`. */
  readonly wireName: string;
  readonly direction: 'enter' | 'exit';
  readonly kind: 'syscall' | 'tracepoint' | 'plugin' | 'metaevent' | 'iter' | 'unknown';
  /** Lower-case category word (`file`, `net`, `io-read`...). */
  readonly category: string;
  readonly flags: EventFlags;
  readonly params: readonly ParamDeclaration[];
  /** Bytes of each parameter length on the wire: 2, or 4 for large payloads. */
  readonly lengthBytes: 2 | 4;
  /** One sentence for people; absent for codes that nothing ever had. */
  readonly doc?: string;
}

/** Bits of `EventType.flags`, on the wire of the driver's table. */
export const eventFlag = {
  createsFd: 1 << 0,
  destroysFd: 1 << 1,
  usesFd: 1 << 2,
  readsFromFd: 1 << 3,
  writesToFd: 1 << 4,
  modifiesState: 1 << 5,
  unused: 1 << 6,
  waits: 1 << 7,
  skipParseReset: 1 << 8,
  oldVersion: 1 << 9,
  largePayload: 1 << 11,
  converterManaged: 1 << 12,
} as const;

export type EventFlags = number;
