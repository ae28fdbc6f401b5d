/**
 * Alerts as they come, as server-sent events. A reader that was away goes on after the last id that it got: what the store
 * has since then comes first, in the order of arrival, and nothing is left out in between. Readers that are too slow for all
 * of it are told how many they missed.
 */

import type { ContentReply } from '@peregrine/api';
import type { AlertStore, KeptAlert } from '@peregrine/store';
import { alertShape } from '../shapes.ts';

export interface StreamOptions {
  readonly store: AlertStore;
  readonly matches: (kept: KeptAlert) => boolean;
  /** `undefined`: from now on. */
  readonly afterId: string | undefined;
  readonly signal: AbortSignal;
}

const PAGE = 500;
/** Alerts that wait for a reader; beyond, the oldest are left out, and it is told. */
const MOST_WAITING = 5_000;

export async function streamReply(options: StreamOptions): Promise<ContentReply> {
  return { contentType: 'text/event-stream', body: events(options) };
}

async function* events({ store, matches, afterId, signal }: StreamOptions): AsyncGenerator<string> {
  const waiting: KeptAlert[] = [];
  let missedCount = 0;
  let wake = (): void => {};
  // Before anything is read, so that nothing comes between.
  const stop = store.onAppend((alerts) => {
    for (const kept of alerts) if (matches(kept)) waiting.push(kept);
    if (waiting.length > MOST_WAITING) missedCount += waiting.splice(0, waiting.length - MOST_WAITING).length;
    wake();
  });
  const aborted = (): void => wake();
  signal.addEventListener('abort', aborted, { once: true });
  try {
    yield 'retry: 2000\n\n';
    const sent = new Set<string>();
    if (afterId !== undefined) {
      let last: string | undefined = afterId;
      for (;;) {
        const page: readonly KeptAlert[] = await store.since(last, PAGE);
        if (page.length === 0 || signal.aborted) break;
        last = page.at(-1)?.id;
        for (const kept of page) {
          sent.add(kept.id);
          if (matches(kept)) yield eventOf(kept);
        }
        // Ids before the last page cannot come again.
        if (sent.size > MOST_WAITING * 2)
          for (const id of [...sent].slice(0, sent.size - MOST_WAITING)) sent.delete(id);
      }
    }
    while (!signal.aborted) {
      if (missedCount > 0) {
        yield `event: behind\ndata: ${JSON.stringify({ missed: missedCount })}\n\n`;
        missedCount = 0;
      }
      const next = waiting.splice(0, PAGE).filter(({ id }) => !sent.delete(id));
      if (next.length > 0) yield next.map(eventOf).join('');
      else if (waiting.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          if (waiting.length > 0 || signal.aborted) resolve();
        });
      }
    }
  } finally {
    stop();
    signal.removeEventListener('abort', aborted);
  }
}

function eventOf(kept: KeptAlert): string {
  // JSON has no newline, which would end the event.
  return `id: ${kept.id}\nevent: alert\ndata: ${JSON.stringify(alertShape(kept))}\n\n`;
}
