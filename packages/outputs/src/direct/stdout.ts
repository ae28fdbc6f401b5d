/** Alerts as lines on standard output. A reader that does not read blocks this output only, never the program. */

import { constants, fstatSync, openSync } from 'node:fs';

import { delivered, flag, type Outcome, schema } from '@peregrine/base';
import { writeAll } from '../transport/write-all.ts';
import { defineDirectSink, linesOf, type Output, type RenderedAlert } from './direct-sink.ts';

const STDOUT_FD = 1;

export const stdout = defineDirectSink({
  name: 'stdout',
  doc: 'Writes each alert as a line to standard output.',
  config: schema({
    enabled: flag({ default: false, doc: 'Whether alerts go to standard output.' }),
  }),
  open: async (_config, { onGone }): Promise<Output> => {
    const fd = openWithoutWaiting();
    let isGone = false;
    return {
      mostPerSend: Number.POSITIVE_INFINITY,
      send: async (batch: readonly RenderedAlert[], signal: AbortSignal): Promise<Outcome> => {
        if (isGone) return delivered;
        const outcome = await writeAll(fd, linesOf(batch), signal);
        if (outcome.kind !== 'rejected' || !outcome.reason.startsWith('EPIPE')) return outcome;
        isGone = true;
        onGone();
        return delivered;
      },
      reopen: async () => {},
      close: async () => {},
    };
  },
});

/**
 * A pipe is opened once more, since a wish not to wait would else hold for everyone who shares it. Of a file that
 * would lose the place, and a file does not block.
 */
function openWithoutWaiting(): number {
  try {
    if (!fstatSync(STDOUT_FD).isFIFO()) return STDOUT_FD;
    return openSync(`/proc/self/fd/${STDOUT_FD}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return STDOUT_FD;
  }
}
