/** Entry of the thread of a source. */

import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { Fault } from '@peregrine/base';
import type { FeedStart, FromFeed } from './feed-messages.ts';
import { runFeed } from './feed-runner.ts';

/** Where there is too little time for all, the kernel's events come first. */
const NICENESS = 5;

const port = parentPort;
if (port === null) throw new Error('a source runs in a thread of its own');
const tell = (message: FromFeed): void => port.postMessage(message);

// On Linux this is the thread's alone.
setPriority(NICENESS);

try {
  // Only the main thread of this program starts this one.
  await runFeed(workerData as FeedStart, { tell, listen: (take) => port.on('message', take) });
} catch (error) {
  if (!(error instanceof Fault)) throw error;
  tell({ kind: 'fault', code: error.code, message: error.message, hint: error.hint });
}
port.close();
