/** Inputs of the replay benchmark, made from the recorded captures: all events, and only those that rules look at. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { eventRoster } from '@peregrine/events';

const EVENT_BLOCK = 0x216;
const BLOCK_HEADER_BYTES = 8;
/** From the start of a block to the event's code: block header, cpu id, timestamp, thread id, length. */
const CODE_OFFSET = BLOCK_HEADER_BYTES + 2 + 8 + 8 + 4;

const WANTED_NAMES = new Set(
  `accept accept4 bind bpf capset chdir chmod chroot clone clone3 close connect creat dup dup2 dup3 epoll_create
  epoll_create1 eventfd eventfd2 execve execveat fchdir fchmod fchmodat fchmodat2 fcntl finit_module fork getsockopt
  init_module inotify_init inotify_init1 io_uring_setup link linkat listen memfd_create mount open open_by_handle_at
  openat openat2 pidfd_getfd pidfd_open pipe pipe2 prctl prlimit ptrace recvfrom recvmsg rename renameat renameat2
  sendmmsg sendmsg sendto setgid setns setpgid setregid setresgid setresuid setreuid setrlimit setsid setuid shutdown
  signalfd signalfd4 socket socketpair symlink symlinkat timerfd_create umount umount2 unlink unlinkat unshare
  userfaultfd vfork procexit`.split(/\s+/),
);

export interface ReplayInput {
  readonly name: string;
  readonly path: string;
  readonly eventCount: number;
}

/** Writes the inputs below `folder` unless they are there. `captures` holds `host` and `container`. */
export function makeReplayInputs(captures: string, folder: string): readonly ReplayInput[] {
  mkdirSync(folder, { recursive: true });
  const recordings = ['host', 'container'].map((name) =>
    gunzipSync(readFileSync(join(captures, name, `${name}.scap.gz`))),
  );
  const wanted = new Set(eventRoster.filter((type) => WANTED_NAMES.has(type.name)).map((type) => type.code));
  return [
    makeInput(join(folder, 'all-events.scap'), 'all events', recordings, 100, () => true),
    makeInput(join(folder, 'rule-events.scap'), 'rule events', recordings, 400, (code) => wanted.has(code)),
  ];
}

function makeInput(
  path: string,
  name: string,
  recordings: readonly Buffer[],
  repeats: number,
  isKept: (code: number) => boolean,
): ReplayInput {
  let eventCount = 0;
  const kept: Buffer[] = [];
  for (const recording of recordings) {
    for (let offset = 0; offset < recording.length; ) {
      const size = recording.readUInt32LE(offset + 4);
      const isEvent = recording.readUInt32LE(offset) === EVENT_BLOCK;
      if (!isEvent || isKept(recording.readUInt16LE(offset + CODE_OFFSET))) {
        kept.push(recording.subarray(offset, offset + size));
        if (isEvent) eventCount++;
      }
      offset += size;
    }
  }
  if (!existsSync(path)) {
    const once = Buffer.concat(kept);
    writeFileSync(path, Buffer.concat(new Array<Buffer>(repeats).fill(once)));
  }
  return { name, path, eventCount: eventCount * repeats };
}
