/** Tells that alerts came, for whoever then asks for counts: how many, and no more often than once a second. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { ContentReply } from '@peregrine/api';
import type { AlertStore } from '@peregrine/store';

const PAUSE_MS = 1_000;

export function arrivalsReply(store: AlertStore, signal: AbortSignal): ContentReply {
  return { contentType: 'text/event-stream', body: events(store, signal) };
}

async function* events(store: AlertStore, signal: AbortSignal): AsyncGenerator<string> {
  let count = 0;
  let wake = (): void => {};
  const stop = store.onAppend((alerts) => {
    count += alerts.length;
    wake();
  });
  const aborted = (): void => wake();
  signal.addEventListener('abort', aborted, { once: true });
  try {
    yield 'retry: 2000\n\n';
    while (!signal.aborted) {
      if (count === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          if (count > 0 || signal.aborted) resolve();
        });
        continue;
      }
      const told = count;
      count = 0;
      yield `event: arrived\ndata: ${JSON.stringify({ count: told })}\n\n`;
      await sleep(PAUSE_MS, undefined, { signal }).catch(() => {});
    }
  } finally {
    stop();
    signal.removeEventListener('abort', aborted);
  }
}
