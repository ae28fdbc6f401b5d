/** Commands over WebSockets, with the protocols `v4.channel.k8s.io` and `v5.channel.k8s.io`: a byte names the stream. */

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { PassThrough, Writable } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { JsonDocument } from '../document.ts';
import type { CommandRequest, CommandStreams } from './remote-command.ts';

const channels = { stdin: 0, stdout: 1, stderr: 2, status: 3, resize: 4, close: 255 };
const protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];

export function isWebSocket(request: IncomingMessage): boolean {
  return request.headers.upgrade?.toLowerCase() === 'websocket';
}

/** Says yes to the client and serves the command. `run` gives the status at the end. */
export function serveWebSocket(
  upgrade: { readonly request: IncomingMessage; readonly socket: Duplex; readonly head: Buffer },
  asked: CommandRequest,
  run: (streams: CommandStreams) => Promise<JsonDocument>,
): Promise<void> {
  const server = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => protocols.find((name) => offered.has(name)) ?? false,
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  upgrade.socket.once('close', () => resolve());
  server.handleUpgrade(upgrade.request, upgrade.socket, upgrade.head, (socket) => {
    void serve(socket, asked, run).then(resolve);
  });
  return promise;
}

async function serve(
  socket: WebSocket,
  asked: CommandRequest,
  run: (streams: CommandStreams) => Promise<JsonDocument>,
): Promise<void> {
  const gone = new AbortController();
  const stdin = new PassThrough();
  const resizes: ((columns: number, rows: number) => void)[] = [];
  socket.on('message', (data) => {
    const bytes = bytesOf(data);
    const content = bytes.subarray(1);
    if (bytes[0] === channels.stdin) stdin.write(content);
    else if (bytes[0] === channels.close && content[0] === channels.stdin) stdin.end();
    else if (bytes[0] === channels.resize) tellSize(content, resizes);
  });
  socket.on('error', () => socket.terminate());
  socket.once('close', () => {
    stdin.end();
    gone.abort();
  });
  const writer = (channel: number): Writable =>
    new Writable({
      write: (chunk: Buffer, _encoding, done) => send(socket, channel, chunk, done),
    });
  const [stdout, stderr] = [writer(channels.stdout), writer(channels.stderr)];
  // Tells the client that the streams are open.
  send(socket, channels.stdout, Buffer.alloc(0), () => {});
  const status = await run({
    stdin: asked.hasStdin ? stdin : undefined,
    stdout: asked.hasStdout ? stdout : undefined,
    stderr: asked.hasStderr && !asked.isTty ? stderr : undefined,
    onResize: (listener) => resizes.push(listener),
    signal: gone.signal,
  });
  await Promise.all([ended(stdout), ended(stderr)]);
  send(socket, channels.status, Buffer.from(JSON.stringify(status)), () => socket.close(1000));
}

/** After all that was written to it has gone. */
export function ended(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    stream.end(() => resolve());
    stream.once('error', () => resolve());
  });
}

/** `{"Width":80,"Height":24}`. */
export function tellSize(
  content: Buffer,
  listeners: readonly ((columns: number, rows: number) => void)[],
): void {
  const { Width, Height } = JSON.parse(content.toString('utf8'));
  for (const listener of listeners) listener(Number(Width), Number(Height));
}

function send(socket: WebSocket, channel: number, content: Buffer, done: () => void): void {
  // A client that has gone gets no more.
  socket.send(Buffer.concat([Buffer.from([channel]), content]), () => done());
}

function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? Buffer.from(data) : data;
}
