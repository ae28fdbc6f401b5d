/** Kills a hub again and again while alerts are sent to it, and looks at what its destination got. */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Running, Scratch, start, until } from './program.ts';

export interface KillReport {
  readonly acknowledgedCount: number;
  /** Alerts that were acknowledged and never delivered. */
  readonly lost: readonly number[];
  /** Alerts that were delivered more than once. */
  readonly repeatedCount: number;
  /** Of these, those that did not come under the same key each time. */
  readonly strangers: readonly number[];
  /** Alerts that came after one that was sent later by the same sender, at their first delivery. */
  readonly disordered: readonly number[];
  /** What the log said that a bug would say. */
  readonly trouble: string;
}

const SENDERS = 4;
const BATCH = 10;
const LIMIT_MS = 120_000;

/** `nextPauseMs`: how long the hub runs before it is killed the next time. */
export async function killRepeatedly(killCount: number, nextPauseMs: () => number): Promise<KillReport> {
  const scratch = new Scratch();
  const keysByAlert = new Map<number, string[]>();
  const arrivals: number[] = [];
  const receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const id = Number(/"i":(\d+)/.exec(Buffer.concat(chunks).toString('utf8'))?.[1]);
      const keys = keysByAlert.get(id);
      if (keys === undefined) arrivals.push(id);
      keysByAlert.set(id, [...(keys ?? []), String(request.headers['idempotency-key'])]);
      response.end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const { port } = receiver.address() as AddressInfo; // It listens on an address, not on a path.
  const config = scratch.write(
    'config.yaml',
    `listenaddress: 127.0.0.1\nlistenport: 0\njournal: { path: ${scratch.path('state')}, maxbytes: 100000000 }\ndelivery: { retryfirst: 10ms, retrymax: 50ms }\nwebhook: { address: "http://127.0.0.1:${port}/" }\n`,
  );
  const acknowledged = new Set<number>();
  let hubUrl = '';
  let running: Running | undefined;
  let trouble = '';
  let isOver = false;

  async function startHub(): Promise<void> {
    const program = start('peregrine', ['hub', '-c', config]);
    running = program;
    await until('listening', () => program.err().includes('is up and listening on'), LIMIT_MS);
    hubUrl = `http://127.0.0.1:${/listening on 127\.0\.0\.1:(\d+)/.exec(program.err())?.[1]}`;
  }

  /** Kills without warning when there is nothing else to see. */
  async function killHub(): Promise<void> {
    running?.child.kill('SIGKILL');
    const ended = await running?.ended;
    trouble += /damaged|lost|\s+at .*\(/.exec(ended?.err ?? '')?.[0] ?? '';
  }

  async function send(sender: number): Promise<void> {
    for (let i = 0; !isOver; i += BATCH) {
      const ids = Array.from({ length: BATCH }, (_, j) => sender * 10_000_000 + i + j);
      const body = ids.map((id) => alertOf(id)).join('\n');
      try {
        const response = await fetch(hubUrl, {
          method: 'POST',
          body,
          headers: { 'content-type': 'application/x-ndjson' },
          signal: AbortSignal.timeout(10_000),
        });
        await response.text();
        if (response.status === 200) for (const id of ids) acknowledged.add(id);
      } catch {
        // It was killed: nothing was acknowledged.
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }

  try {
    await startHub();
    const senders = Array.from({ length: SENDERS }, (_, i) => send(i + 1));
    for (let i = 0; i < killCount; i++) {
      await new Promise((resolve) => setTimeout(resolve, nextPauseMs()));
      await killHub();
      await startHub();
    }
    isOver = true;
    await Promise.all(senders);
    const missing = (): number[] => [...acknowledged].filter((id) => !keysByAlert.has(id));
    await until('everything delivered', () => missing().length === 0, LIMIT_MS).catch(() => {});
    const lost = missing();
    running?.child.kill('SIGTERM');
    await running?.ended;
    const repeated = [...keysByAlert].filter(([, keys]) => keys.length > 1);
    return {
      acknowledgedCount: acknowledged.size,
      lost,
      repeatedCount: repeated.length,
      strangers: repeated.filter(([, keys]) => new Set(keys).size > 1).map(([id]) => id),
      disordered: outOfOrder(arrivals),
      trouble,
    };
  } finally {
    isOver = true;
    running?.child.kill('SIGKILL');
    await running?.ended;
    receiver.closeAllConnections();
    receiver.close();
    scratch.remove();
  }
}

function outOfOrder(arrivals: readonly number[]): readonly number[] {
  const latest = new Map<number, number>();
  return arrivals.filter((id) => {
    const sender = Math.floor(id / 10_000_000);
    const isEarlier = id < (latest.get(sender) ?? -1);
    latest.set(sender, Math.max(id, latest.get(sender) ?? -1));
    return isEarlier;
  });
}

function alertOf(id: number): string {
  return `{"output":"n","priority":"Notice","rule":"r","time":"2024-03-01T10:00:00Z","output_fields":{"i":${id},"pad":"${'x'.repeat(200)}"}}`;
}
