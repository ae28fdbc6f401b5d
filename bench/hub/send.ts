/** Posts batches of alerts over connections that are kept, with as little of its own as can be: bytes made beforehand. */

import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

export interface SendOptions {
  readonly port: number;
  readonly connections: number;
  /** Bodies, used in turn. */
  readonly bodies: readonly string[];
  readonly alertsPerBody: number;
  readonly seconds: number;
  /** Alerts a second; absent, as many as are taken. */
  readonly perSecond?: number;
}

export interface Sent {
  readonly alertCount: number;
  readonly perSecond: number;
  /** Of each request, from when it should have gone out to its answer, milliseconds. */
  readonly latenciesMs: readonly number[];
  readonly refusedCount: number;
}

export async function sendBatches(options: SendOptions): Promise<Sent> {
  const { connections, alertsPerBody, seconds, perSecond } = options;
  const requests = options.bodies.map((body) =>
    Buffer.from(
      `POST / HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    ),
  );
  const latenciesMs: number[] = [];
  let refusedCount = 0;
  let sentCount = 0;
  const startMs = performance.now();
  const endMs = startMs + seconds * 1_000;
  const everyMs = perSecond === undefined ? 0 : (alertsPerBody / perSecond) * 1_000;
  let next = 0;

  async function run(): Promise<void> {
    const socket = await open(options.port);
    for (;;) {
      const index = next++;
      const dueMs = everyMs === 0 ? performance.now() : startMs + index * everyMs;
      if (dueMs >= endMs) break;
      const waitMs = dueMs - performance.now();
      if (waitMs > 1) await pause(waitMs);
      const status = await exchange(socket, requests[index % requests.length] ?? Buffer.alloc(0));
      latenciesMs.push(performance.now() - dueMs);
      if (status === 200) sentCount += alertsPerBody;
      else refusedCount += alertsPerBody;
    }
    socket.destroy();
  }

  await Promise.all(Array.from({ length: connections }, run));
  const tookSeconds = (performance.now() - startMs) / 1_000;
  return { alertCount: sentCount, perSecond: sentCount / tookSeconds, latenciesMs, refusedCount };
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.setNoDelay(true);
  await new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return socket;
}

/** The status of the answer, which is short. */
function exchange(socket: Socket, request: Buffer): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let text = '';
  const take = (chunk: Buffer): void => {
    text += chunk.toString('latin1');
    const end = text.indexOf('\r\n\r\n');
    if (end < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
    if (text.length < end + 4 + length) return;
    socket.off('data', take);
    socket.off('error', reject);
    resolve(Number(text.slice(9, 12)));
  };
  socket.on('data', take);
  socket.once('error', reject);
  socket.write(request);
  return promise;
}
