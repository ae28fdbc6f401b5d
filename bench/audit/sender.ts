/**
 * Sends batches of audit events to an address, again and again: `sender.ts URL BATCHES CONNECTIONS`. A process of its own;
 * it prints how many milliseconds that took.
 */

import { Agent, request } from 'node:http';
import { batchOf, EVENTS } from './events.ts';

const [url = '', batches = '0', connections = '4'] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: Number(connections) });
const bodies = Array.from({ length: 8 }, (_, i) => Buffer.from(batchOf(i * EVENTS, EVENTS)));

function send(body: Buffer): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const sending = request(
    url,
    { method: 'POST', agent, headers: { 'content-type': 'application/json' } },
    (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode ?? 0));
    },
  );
  sending.once('error', reject);
  sending.end(body);
  return promise;
}

let left = Number(batches);
const startMs = performance.now();
await Promise.all(
  Array.from({ length: Number(connections) }, async () => {
    while (left > 0) {
      const body = bodies[left-- % bodies.length] ?? Buffer.alloc(0);
      const status = await send(body);
      if (status !== 200) throw new Error(`the answer was ${status}`);
    }
  }),
);
process.stdout.write(String(performance.now() - startMs));
agent.destroy();
