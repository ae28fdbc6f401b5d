/** Runs as they change, as server-sent events. Of a run that changes faster than a reader takes it, the latest state is sent. */

import type { RunRecord } from '@peregrine/actions';
import type { ContentReply } from '@peregrine/api';
import type { ResponsePort } from '../response-port.ts';
import { runShape } from './response-shapes.ts';

/** Runs that wait for a reader; beyond, the oldest are left out, and it is told. */
const MOST_WAITING = 2_000;

export function runsReply(port: Pick<ResponsePort, 'onChange'>, signal: AbortSignal): ContentReply {
  return { contentType: 'text/event-stream', body: events(port, signal) };
}

async function* events(port: Pick<ResponsePort, 'onChange'>, signal: AbortSignal): AsyncGenerator<string> {
  const waiting = new Map<string, RunRecord>();
  let missedCount = 0;
  let wake = (): void => {};
  const stop = port.onChange((run) => {
    waiting.delete(run.id);
    waiting.set(run.id, run);
    const [oldest] = waiting.keys();
    if (waiting.size > MOST_WAITING && oldest !== undefined) {
      waiting.delete(oldest);
      missedCount++;
    }
    wake();
  });
  const aborted = (): void => wake();
  signal.addEventListener('abort', aborted, { once: true });
  try {
    yield 'retry: 2000\n\n';
    while (!signal.aborted) {
      if (waiting.size === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          if (waiting.size > 0 || signal.aborted) resolve();
        });
        continue;
      }
      const missed = missedCount;
      missedCount = 0;
      const next = [...waiting.values()];
      waiting.clear();
      // JSON has no newline, which would end the event.
      const texts = next.map((run) => `event: run\ndata: ${JSON.stringify(runShape(run))}\n\n`);
      if (missed > 0) texts.unshift(`event: behind\ndata: ${JSON.stringify({ missed })}\n\n`);
      yield texts.join('');
    }
  } finally {
    stop();
    signal.removeEventListener('abort', aborted);
  }
}
