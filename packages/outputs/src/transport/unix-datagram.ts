/**
 * Datagrams to a unix socket, which Node cannot send itself: four calls into the C library. Never blocks.
 *
 * The C library's own `syslog` would do for one sink, but it blocks while the log daemon is stuck, hides its
 * failures, and always writes to `/dev/log`.
 */

import koffi from 'koffi';

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_STREAM = 1;
const SOCK_CLOEXEC = 0o2000000;
const SOCK_NONBLOCK = 0o4000;
const MSG_NOSIGNAL = 0x4000;
/** `sun_path` with its NUL. */
const MOST_PATH_BYTES = 108;

/** `sent`, `full` (ask again later), or the name of the error. */
export type SendResult = 'sent' | 'full' | (string & {});

export interface UnixSocket {
  send(message: Buffer): SendResult;
  close(): void;
}

/** Connects to the socket at `path`: datagrams, or a stream of NUL-ended messages where the daemon wants one. */
export function connectUnix(path: string): UnixSocket | string {
  const address = encodeAddress(path);
  if (address === undefined) return 'ENAMETOOLONG';
  // `null` is this process itself, which has the C library loaded whatever its file is called.
  const library = koffi.load(null);
  const socket = library.func('int socket(int domain, int type, int protocol)');
  const connect = library.func('int connect(int fd, const void *address, uint32_t length)');
  const send = library.func('intptr_t send(int fd, const void *bytes, size_t length, int flags)');
  const close = library.func('int close(int fd)');

  let error = '';
  for (const type of [SOCK_DGRAM, SOCK_STREAM]) {
    const fd: number = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return errorName();
    if (connect(fd, address, address.length) === 0) {
      const isStream = type === SOCK_STREAM;
      return {
        send: (message) => {
          const bytes = isStream ? Buffer.concat([message, Buffer.of(0)]) : message;
          const sent = Number(send(fd, bytes, bytes.length, MSG_NOSIGNAL));
          if (sent === bytes.length) return 'sent';
          if (sent >= 0) return 'ECONNRESET';
          const name = errorName();
          return name === 'EAGAIN' || name === 'ENOBUFS' ? 'full' : name;
        },
        close: () => {
          close(fd);
        },
      };
    }
    error = errorName();
    close(fd);
    if (error !== 'EPROTOTYPE') break;
  }
  return error;
}

function encodeAddress(path: string): Buffer | undefined {
  const name = Buffer.from(`${path}\0`, 'utf8');
  if (name.length > MOST_PATH_BYTES) return undefined;
  const family = Buffer.alloc(2);
  // The machine's own order: all that Node runs on with unix sockets is little-endian.
  family.writeUInt16LE(AF_UNIX);
  return Buffer.concat([family, name]);
}

function errorName(): string {
  const errno = koffi.errno();
  return Object.entries(koffi.os.errno).find(([, value]) => value === errno)?.[0] ?? `errno ${errno}`;
}
