/** Alerts as lines on standard output. */

import { delivered, flag, type Outcome, schema } from '@peregrine/base';
import { defineSink, linesOf, type Output, type RenderedAlert } from '../output.ts';
import { writeAll } from '../transport/write-all.ts';

const STDOUT_FD = 1;

export const stdout = defineSink({
  name: 'stdout',
  doc: 'Writes each alert as a line to standard output.',
  config: schema({
    enabled: flag({ default: false, doc: 'Whether alerts go to standard output.' }),
  }),
  open: async (_config, { onGone }): Promise<Output> => {
    let isGone = false;
    return {
      mostPerSend: Number.POSITIVE_INFINITY,
      send: async (batch: readonly RenderedAlert[], signal: AbortSignal): Promise<Outcome> => {
        if (isGone) return delivered;
        const outcome = await writeAll(STDOUT_FD, linesOf(batch), signal);
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
