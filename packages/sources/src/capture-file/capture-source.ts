/** A capture file as a source of events: what it records of the machine goes to the tables, its events to the engine. */

import { basename } from 'node:path';
import { Fault } from '@peregrine/base';
import {
  type ByteInput,
  blockType,
  type CaptureHandler,
  CaptureReader,
  processListTypes,
  TextInterner,
} from '@peregrine/events';
import type { StateSink } from '@peregrine/state';
import type { EventSource } from '../event-source.ts';
import { SocketRoles } from '../socket-roles.ts';
import { decodeFds } from './fd-list.ts';
import { fileInput, withHead } from './file-input.ts';
import { gzipInput, isGzip } from './gzip-input.ts';
import { AccountList, type AccountRecords, decodeInterfaces, decodeMachine } from './head-blocks.ts';
import { decodeProcesses } from './process-list.ts';

export interface CaptureOptions {
  /** Shared with other sources, so that equal names are one string. */
  readonly interner?: TextInterner;
}

export interface CaptureSource extends EventSource {
  /** Codes to hand on: 1 at the index of each; the others are counted and passed over. */
  want(codes: Uint8Array | undefined): void;
  /** Events so far, passed over or not. */
  eventsSeen(): number;
}

/** Opens a capture, gzip or not. Throws a `Fault` when it cannot be read; what is wrong within shows at `poll`. */
export function openCapture(path: string, options: CaptureOptions = {}): CaptureSource {
  const file = fileInput(path);
  try {
    const head = readHead(file);
    const whole = withHead(head, file);
    return captureSource(path, isGzip(head) ? gzipInput(whole) : whole, options);
  } catch (error) {
    file.close();
    throw error;
  }
}

/** A capture from any input; `path` names it to people. */
export function captureSource(path: string, input: ByteInput, options: CaptureOptions = {}): CaptureSource {
  const reader = new CaptureReader(input, options.interner ?? new TextInterner());
  let handler: CaptureHandler | undefined;
  let handlerSink: StateSink | undefined;
  return {
    title: `capture ${basename(path)}`,
    want: (codes) => reader.want(codes),
    eventsSeen: () => reader.eventsSeen,
    poll(sink, onEvent, limit) {
      if (handler === undefined || handlerSink !== sink) {
        handler = metadataHandler(sink);
        handlerSink = sink;
      }
      try {
        return reader.poll(handler, onEvent, limit);
      } catch (error) {
        if (!(error instanceof Fault) || !error.code.startsWith('capture-')) throw error;
        throw new Fault(error.code, `cannot go on with the capture \`${path}\`: ${error.message}`, {
          cause: error,
        });
      }
    },
    losses() {
      const { unknownBlocks, unknownEvents } = reader.skips();
      return { unknownBlocks, unknownEvents };
    },
    close: () => reader.close(),
  };
}

function readHead(file: ByteInput): Uint8Array {
  const head = new Uint8Array(2);
  let size = 0;
  while (size < head.length) {
    const count = file.read(head, size, head.length - size);
    if (count === 0) break;
    size += count;
  }
  return head.subarray(0, size);
}

function metadataHandler(sink: StateSink): CaptureHandler {
  const roles = new SocketRoles(sink);
  const accounts = new AccountList();
  return {
    section() {
      roles.reset();
      sink.reset();
    },
    block(type, body) {
      switch (type) {
        case blockType.machine:
          sink.machine(decodeMachine(body));
          return;
        case blockType.fds:
        case blockType.oldFds:
          decodeFds(type, body, (record) => roles.fd(record));
          return;
        case blockType.interfaces:
        case blockType.oldInterfaces:
          decodeInterfaces(type, body, sink);
          return;
        case blockType.users:
        case blockType.oldUsers:
          enterAccounts(accounts.decode(type, body), sink);
          return;
        default:
          if (processListTypes.includes(type)) decodeProcesses(type, body, (record) => sink.process(record));
      }
    },
    settle() {
      roles.settle();
      sink.settle();
    },
  };
}

function enterAccounts({ users, groups }: AccountRecords, sink: StateSink): void {
  for (const user of users) sink.user(user);
  for (const group of groups) sink.group(group);
}
