/** Opens the web interface when its store answers, which is on a server that may be away. */

import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '@peregrine/base';
import type { HubLog } from '../hub/hub-log.ts';
import type { WebInterface } from './web-interface.ts';

const FIRST_PAUSE_MS = 200;
const MOST_PAUSE_MS = 10_000;

export const isStoreAway = (error: unknown): error is Fault =>
  error instanceof Fault && error.code === 'store-away';

/** Tries until it can be, or nobody wants it any more: `undefined`. What else is wrong is told, and tried again, too. */
export async function openWebLater(
  open: () => Promise<WebInterface>,
  { signal, log }: { readonly signal: AbortSignal; readonly log: HubLog },
): Promise<WebInterface | undefined> {
  let lastReason = '';
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(MOST_PAUSE_MS, pauseMs * 2)) {
    await sleep(pauseMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) return undefined;
    try {
      return await open();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!isStoreAway(error) && reason !== lastReason) log('error', `there is no web interface: ${reason}`);
      lastReason = reason;
    }
  }
}
