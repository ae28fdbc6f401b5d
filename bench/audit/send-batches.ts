/** Sends batches of audit events from a process of its own. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const CONNECTIONS = 4;

/** Gives the milliseconds from the first request to the last answer. Rejects when one of them is not 200. */
export async function sendBatches(url: string, batches: number): Promise<number> {
  const sender = spawn(
    process.execPath,
    [join(import.meta.dirname, 'sender.ts'), url, String(batches), String(CONNECTIONS)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let text = '';
  sender.stdout.on('data', (piece: Buffer) => {
    text += piece.toString();
  });
  const [status] = await once(sender, 'close');
  if (status !== 0) throw new Error('the batches could not be sent');
  return Number(text);
}
