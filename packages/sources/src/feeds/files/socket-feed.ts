/** JSON lines that programs of this machine write to a Unix socket. Who writes faster than alerts go out has to wait. */

import { chmodSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { Fault } from '@peregrine/base';
import { BatchQueue } from '../batch-queue.ts';
import type { Batch, Feed } from '../feed.ts';
import type { FeedCounters } from '../feed-counters.ts';
import type { Unpacker } from '../unpack.ts';
import { LineSplitter } from './line-splitter.ts';

export interface SocketFeedOptions {
  readonly path: string;
  readonly mostLineBytes: number;
  readonly mostWaitingBytes: number;
  readonly unpacker: Unpacker;
  readonly counters: FeedCounters;
}

const MOST_CONNECTIONS = 64;
/** Only the user that this program runs as, root in general, may write. */
const MODE = 0o600;

export class SocketFeed implements Feed {
  readonly title: string;
  readonly counters: FeedCounters;
  readonly #options: SocketFeedOptions;
  readonly #server: Server;
  readonly #queue = new BatchQueue();
  readonly #paused = new Set<Socket>();
  readonly #sockets = new Set<Socket>();

  private constructor(options: SocketFeedOptions) {
    this.#options = options;
    this.counters = options.counters;
    this.title = `unix socket ${options.path}`;
    this.#server = createServer((socket) => this.#serve(socket));
    this.#server.maxConnections = MOST_CONNECTIONS;
  }

  /** Throws a `Fault` when it cannot listen. */
  static async open(options: SocketFeedOptions): Promise<SocketFeed> {
    const feed = new SocketFeed(options);
    const { path } = options;
    // What an earlier run left behind; anything but a socket stays, and is in the way.
    if (statSync(path, { throwIfNoEntry: false })?.isSocket()) rmSync(path);
    await new Promise<void>((resolve, reject) => {
      feed.#server.once('error', (cause) =>
        reject(new Fault('source-listen', `cannot listen on \`${path}\`: ${cause.message}`, { cause })),
      );
      feed.#server.listen(path, resolve);
    });
    chmodSync(path, MODE);
    return feed;
  }

  next(signal: AbortSignal): Promise<Batch | undefined> {
    return this.#queue.next(signal);
  }

  async close(): Promise<void> {
    this.#queue.end();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    const { mostLineBytes, unpacker } = this.#options;
    const lines = new LineSplitter(mostLineBytes, (start) =>
      unpacker.tooLarge(`a line of more than ${mostLineBytes} bytes: ${start}`),
    );
    socket.on('data', (piece) => this.#take(socket, lines.push(piece), piece.length));
    socket.on('end', () => this.#take(socket, lines.end(), 0));
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#paused.delete(socket);
    });
    // Whoever writes may go at any time.
    socket.on('error', () => socket.destroy());
  }

  #take(socket: Socket, lines: readonly Buffer[], bytes: number): void {
    const { counters, unpacker, mostWaitingBytes } = this.#options;
    const events = lines.flatMap((line) => unpacker.bytes(line).events);
    if (events.length === 0) return;
    counters.waitingBytes += bytes;
    counters.waitingEvents += events.length;
    if (counters.waitingBytes > mostWaitingBytes) {
      socket.pause();
      this.#paused.add(socket);
    }
    this.#queue.push({
      events,
      done: () => {
        counters.waitingBytes -= bytes;
        counters.waitingEvents -= events.length;
        if (counters.waitingBytes <= mostWaitingBytes) this.#resume();
      },
    });
  }

  #resume(): void {
    for (const socket of this.#paused) socket.resume();
    this.#paused.clear();
  }
}
