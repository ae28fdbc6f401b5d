/** The values that fields have and rules compare, and their types. */

/** Types of values: the wire types of kernel events, which are also the types of fields. */
export type ValueType =
  | 'INT8'
  | 'INT16'
  | 'INT32'
  | 'INT64'
  | 'UINT8'
  | 'UINT16'
  | 'UINT32'
  | 'UINT64'
  | 'CHARBUF'
  | 'BYTEBUF'
  | 'BOOL'
  | 'DOUBLE'
  | 'ERRNO'
  | 'FD'
  | 'PID'
  | 'UID'
  | 'GID'
  | 'SYSCALLID'
  | 'SIGTYPE'
  | 'RELTIME'
  | 'ABSTIME'
  | 'PORT'
  | 'L4PROTO'
  | 'SOCKFAMILY'
  | 'IPADDR'
  | 'IPNET'
  | 'IPV4ADDR'
  | 'IPV4NET'
  | 'IPV6ADDR'
  | 'IPV6NET'
  | 'SOCKADDR'
  | 'SOCKTUPLE'
  | 'FDLIST'
  | 'FSPATH'
  | 'FSRELPATH'
  | 'FLAGS8'
  | 'FLAGS16'
  | 'FLAGS32'
  | 'ENUMFLAGS8'
  | 'ENUMFLAGS16'
  | 'ENUMFLAGS32'
  | 'MODE'
  | 'SIGSET'
  | 'DYN'
  | 'CHARBUFARRAY'
  | 'CHARBUF_PAIR_ARRAY';

/** How integers are shown. `padded` is nine digits with leading zeros; `id` is decimal, an identifier. */
export type PrintFormat = 'none' | 'dec' | 'hex' | 'oct' | 'id' | 'padded';

/**
 * One value. Text is byte text (see base). Integers are `number` within the safe range and `bigint` outside it, never
 * both for one value, so that `===` and `Set` are exact. Buffers are views that hold until the next event.
 */
export type Scalar = string | number | bigint | boolean | Uint8Array;

export type Value = Scalar | readonly Scalar[];
