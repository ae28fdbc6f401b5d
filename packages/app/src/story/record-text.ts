/** Records as events of a story: what a process did, in words. */

import type { StoryEvent } from '@peregrine/alert';
import { renderIp } from '@peregrine/base';
import { errnoName, eventRoster, signalName } from '@peregrine/events';
import type { RecordPlace } from './flight-recorder.ts';
import { recordKind, recordKindOf } from './recorded-events.ts';
import { PATH_BYTES, type Records } from './records.ts';
import { storyText } from './story-text.ts';

const MOST_TEXT = 400;
const EINPROGRESS = -115;
const WRITING = 0x2;
const READING = 0x1;
const MAKING = 0x4;

export function storyEventOf({ records, at }: RecordPlace): StoryEvent {
  const code = records.codeOf(at);
  return {
    timeNs: String(records.timeNsOf(at)),
    type: eventRoster[code]?.name ?? '',
    pid: records.pidOf(at),
    processName: storyText(records.nameOf(at), 64),
    text: storyText(textOf(records, at, code), MOST_TEXT),
  };
}

/** Byte text. */
function textOf(records: Records, at: number, code: number): string {
  const name = eventRoster[code]?.name ?? '';
  const result = records.resultOf(at);
  const first = records.firstOf(at);
  const second = records.secondOf(at);
  const failed = result < 0 ? `: ${errnoName(result) ?? result}` : '';
  const say = (done: string, failedToDo: string, what: string): string =>
    `${failed === '' ? done : `could not ${failedToDo}`} ${what}${failed}`;
  switch (recordKindOf(name)) {
    case recordKind.exec: {
      if (failed !== '') return say('', 'run', pathOf(records, at));
      const args = records.detailOf(at).replaceAll('\0', ' ').trimEnd();
      const path = pathOf(records, at);
      const process = records.nameOf(at);
      // Of a program that goes by several names, the name tells what it does.
      const isOwnName = path.slice(path.lastIndexOf('/') + 1).startsWith(process);
      const what = args === '' ? '' : ` ${args}`;
      return isOwnName ? `ran ${path}${what}` : `ran ${process}${what} (${path})`;
    }
    case recordKind.open:
      return say('opened', 'open', `${pathOf(records, at)}${purposeOf(first)}`);
    case recordKind.connect: {
      const address = addressOf(records, at);
      if (result === EINPROGRESS) return `began to connect to ${address}`;
      return say('connected to', 'connect to', address);
    }
    case recordKind.accept:
      return say('took a connection from', 'take a connection from', addressOf(records, at));
    case recordKind.bind:
      return say('took the address', 'take the address', addressOf(records, at));
    case recordKind.listen:
      return say('listened at', 'listen at', addressOf(records, at));
    case recordKind.clone:
      return first === 0 ? 'started a process' : `started process ${first}`;
    case recordKind.exit:
      return endText(first);
    case recordKind.path:
      return pathText(name, records, at, say);
    case recordKind.ids:
      return say(idText[name] ?? 'became', 'become', `${first === -1 ? second : first}`);
    case recordKind.signal:
      return say(
        `sent ${signalName(second) ?? second} to`,
        `send ${signalName(second) ?? second} to`,
        `process ${first}`,
      );
    case recordKind.trace:
      return say('traced', 'trace', `process ${first}`);
    default:
      return failed === '' ? `called ${name}` : `could not call ${name}${failed}`;
  }
}

const idText: Readonly<Record<string, string>> = {
  setuid: 'became user',
  setreuid: 'became user',
  setresuid: 'became user',
  setgid: 'became group',
  setregid: 'became group',
  setresgid: 'became group',
};

/** As it was resolved, or as the caller gave it. */
function pathOf(records: Records, at: number): string {
  const known = records.subjectOf(at);
  return known === '' ? cut(records.firstPathOf(at), PATH_BYTES) : known;
}

const cut = (path: string, most: number): string =>
  path.length >= most ? `${path}...` : path === '' ? '<unknown>' : path;

function purposeOf(flags: number): string {
  const isWriting = (flags & WRITING) !== 0;
  const isReading = (flags & READING) !== 0;
  const what = isWriting
    ? isReading
      ? ' for reading and writing'
      : ' for writing'
    : isReading
      ? ' for reading'
      : '';
  return (flags & MAKING) !== 0 ? `${what}, made if missing` : what;
}

function addressOf(records: Records, at: number): string {
  const known = records.subjectOf(at);
  const port = records.secondOf(at);
  if (known === '') {
    const first = records.firstOf(at);
    const path = records.firstPathOf(at);
    if (path !== '') return path;
    return first === 0 && port === 0 ? '<unknown>' : `${renderIp(first >>> 0)}:${port}`;
  }
  // Addresses of 16 bytes; what is longer is the name of a local socket: kernel addresses, a blank, its path.
  if (known.length === 16 && port !== 0) return `[${renderIp(known)}]:${port}`;
  const path = known.slice(known.indexOf(' ') + 1);
  return path === '' ? 'a nameless local socket' : path;
}

function endText(status: number): string {
  const signal = status & 0x7f;
  if (signal !== 0) return `was ended by ${signalName(signal) ?? `signal ${signal}`}`;
  const code = (status >> 8) & 0xff;
  return code === 0 ? 'ended' : `ended with status ${code}`;
}

type Say = (done: string, failedToDo: string, what: string) => string;

function pathText(name: string, records: Records, at: number, say: Say): string {
  const first =
    records.subjectOf(at) === '' ? cut(records.firstPathOf(at), PATH_BYTES) : records.subjectOf(at);
  const second = cut(records.secondPathOf(at), PATH_BYTES / 2);
  const mode = records.firstOf(at).toString(8).padStart(4, '0');
  switch (name) {
    case 'unlink':
    case 'unlinkat':
    case 'rmdir':
      return say('removed', 'remove', first);
    case 'rename':
    case 'renameat':
    case 'renameat2':
      return say('renamed', 'rename', `${first} to ${second}`);
    case 'chmod':
    case 'fchmod':
    case 'fchmodat':
      return say('changed the mode of', 'change the mode of', `${first} to ${mode}`);
    case 'chown':
    case 'lchown':
    case 'fchown':
    case 'fchownat':
      return say('changed the owner of', 'change the owner of', first);
    case 'mkdir':
    case 'mkdirat':
      return say('made the directory', 'make the directory', first);
    case 'link':
    case 'linkat':
    case 'symlink':
    case 'symlinkat':
      return say('linked', 'link', `${first} as ${second}`);
    case 'mount':
      return say('mounted', 'mount', `${first} at ${second}`);
    case 'umount':
    case 'umount2':
      return say('unmounted', 'unmount', first);
    case 'chroot':
      return say('made its root', 'make its root', first);
    case 'memfd_create':
      return say('made the file in memory', 'make the file in memory', first);
    default:
      return say(`called ${name} on`, `call ${name} on`, first);
  }
}
