/** A log daemon's socket for tests, which Node itself cannot open. */

import koffi from 'koffi';

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const MOST_BYTES = 1 << 16;

export interface UnixReceiver {
  /** The next datagram; `undefined` when there is none. Never waits. */
  receive(): string | undefined;
  close(): void;
}

export function listenUnix(path: string): UnixReceiver {
  const library = koffi.load(null);
  const socket = library.func('int socket(int domain, int type, int protocol)');
  const bind = library.func('int bind(int fd, const void *address, uint32_t length)');
  const receive = library.func('intptr_t recv(int fd, _Out_ uint8_t *bytes, size_t length, int flags)');
  const close = library.func('int close(int fd)');
  const fd: number = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  const address = Buffer.concat([Buffer.of(AF_UNIX, 0), Buffer.from(`${path}\0`)]);
  if (bind(fd, address, address.length) !== 0) throw new Error(`cannot listen at ${path}`);
  const bytes = Buffer.alloc(MOST_BYTES);
  return {
    receive: () => {
      const size = Number(receive(fd, bytes, bytes.length, 0));
      return size < 0 ? undefined : bytes.toString('utf8', 0, size);
    },
    close: () => {
      close(fd);
    },
  };
}
