/** Commands over SPDY/3.1, as kubectl before 1.31 runs them: one stream each for error, stdin, stdout, stderr and resize. */

import type { IncomingMessage } from 'node:http';
import { type Duplex, PassThrough, Writable } from 'node:stream';
import type { JsonDocument } from '../document.ts';
import type { CommandRequest, CommandStreams } from './remote-command.ts';
import { controlTypes, encodeFrame, FLAG_LAST, FrameReader, type SpdyFrame } from './spdy-frames.ts';
import { HeaderDecoder, HeaderEncoder } from './spdy-headers.ts';
import { ended, tellSize } from './websocket-exec.ts';

const PROTOCOL = 'v4.channel.k8s.io';
const STREAM_ID_BITS = 0x7fffffff;

export function isSpdy(request: IncomingMessage): boolean {
  return request.headers.upgrade?.toLowerCase() === 'spdy/3.1';
}

/** Says yes to the client and serves the command. `run` gives the status at the end. */
export async function serveSpdy(
  upgrade: { readonly request: IncomingMessage; readonly socket: Duplex; readonly head: Buffer },
  asked: CommandRequest,
  run: (streams: CommandStreams) => Promise<JsonDocument>,
): Promise<void> {
  const { request, socket, head } = upgrade;
  const offered = String(request.headers['x-stream-protocol-version'] ?? '');
  if (!offered.split(/,\s*/).includes(PROTOCOL)) {
    socket.end(
      `HTTP/1.1 403 Forbidden\r\nAccepted-Stream-Protocol-Versions: ${PROTOCOL}\r\nContent-Length: 0\r\n\r\n`,
    );
    return;
  }
  const yes = ['HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade', 'Upgrade: SPDY/3.1'];
  socket.write(`${[...yes, `X-Stream-Protocol-Version: ${PROTOCOL}`].join('\r\n')}\r\n\r\n`);
  const session = new SpdySession(socket, streamNamesOf(asked));
  const isOpen = session.follow(head);
  if (!(await isOpen)) return;
  const status = await run({
    stdin: asked.hasStdin ? session.stdin : undefined,
    stdout: asked.hasStdout ? session.writer('stdout') : undefined,
    stderr: asked.hasStderr && !asked.isTty ? session.writer('stderr') : undefined,
    onResize: (listener) => session.resizes.push(listener),
    signal: session.gone.signal,
  });
  await session.finish(status);
}

function streamNamesOf(asked: CommandRequest): readonly string[] {
  return [
    'error',
    ...(asked.hasStdin ? ['stdin'] : []),
    ...(asked.hasStdout ? ['stdout'] : []),
    ...(asked.hasStderr && !asked.isTty ? ['stderr'] : []),
    ...(asked.isTty ? ['resize'] : []),
  ];
}

class SpdySession {
  readonly stdin = new PassThrough();
  readonly resizes: ((columns: number, rows: number) => void)[] = [];
  readonly gone = new AbortController();
  readonly #socket: Duplex;
  readonly #wanted: readonly string[];
  readonly #ids = new Map<string, number>();
  readonly #writers = new Map<string, Writable>();
  readonly #decoder = new HeaderDecoder();
  readonly #encoder = new HeaderEncoder();
  readonly #reader = new FrameReader();
  readonly #opened = Promise.withResolvers<boolean>();
  #work: Promise<void> = Promise.resolve();

  constructor(socket: Duplex, wanted: readonly string[]) {
    this.#socket = socket;
    this.#wanted = wanted;
  }

  /** Takes frames from now on. Resolves when all streams are open; `false`: the client went before. */
  follow(head: Buffer): Promise<boolean> {
    const take = (bytes: Buffer): void => {
      for (const frame of this.#reader.push(bytes)) {
        this.#work = this.#work
          .then(() => this.#take(frame))
          .catch(() => {
            this.#socket.destroy();
          });
      }
    };
    this.#socket.on('data', take);
    this.#socket.once('close', () => {
      this.stdin.end();
      this.#decoder.close();
      this.#encoder.close();
      this.gone.abort();
      this.#opened.resolve(false);
    });
    take(head);
    return this.#opened.promise;
  }

  writer(name: string): Writable {
    const writer = new Writable({
      write: (content: Buffer, _encoding, done) => {
        this.#sendData(name, content, false);
        done();
      },
      final: (done) => {
        this.#sendData(name, Buffer.alloc(0), true);
        done();
      },
    });
    this.#writers.set(name, writer);
    return writer;
  }

  async finish(status: JsonDocument): Promise<void> {
    await Promise.all([...this.#writers.values()].map(ended));
    this.#sendData('error', Buffer.from(JSON.stringify(status)), true);
    this.#socket.end();
  }

  async #take(frame: SpdyFrame): Promise<void> {
    if (frame.kind === 'data') {
      if (frame.streamId === this.#ids.get('stdin')) this.#feed(frame.content, frame.isLast);
      else if (frame.streamId === this.#ids.get('resize') && frame.content.length > 0)
        tellSize(frame.content, this.resizes);
      return;
    }
    switch (frame.type) {
      case controlTypes.synStream:
        return this.#open(frame.content, (frame.flags & FLAG_LAST) !== 0);
      case controlTypes.ping:
        this.#send({ ...frame });
        return;
      case controlTypes.rstStream:
        if ((frame.content.readUInt32BE(0) & STREAM_ID_BITS) === this.#ids.get('stdin')) this.stdin.end();
        return;
      default:
      // Settings and windows: nobody waits for windows here.
    }
  }

  async #open(content: Buffer, isLast: boolean): Promise<void> {
    const id = content.readUInt32BE(0) & STREAM_ID_BITS;
    // After the two ids there is the priority.
    const headers = await this.#decoder.decode(content.subarray(10));
    const name = headers.streamtype ?? '';
    this.#ids.set(name, id);
    const idBytes = Buffer.alloc(4);
    idBytes.writeUInt32BE(id);
    const block = await this.#encoder.encode({});
    this.#send({
      kind: 'control',
      type: controlTypes.synReply,
      flags: 0,
      content: Buffer.concat([idBytes, block]),
    });
    if (name === 'stdin' && isLast) this.stdin.end();
    if (this.#wanted.every((wanted) => this.#ids.has(wanted))) this.#opened.resolve(true);
  }

  #feed(content: Buffer, isLast: boolean): void {
    if (!this.stdin.writableEnded && content.length > 0) this.stdin.write(content);
    if (isLast) this.stdin.end();
  }

  #sendData(name: string, content: Buffer, isLast: boolean): void {
    const streamId = this.#ids.get(name);
    if (streamId !== undefined) this.#send({ kind: 'data', streamId, isLast, content });
  }

  #send(frame: SpdyFrame): void {
    if (this.#socket.writable) this.#socket.write(encodeFrame(frame));
  }
}
