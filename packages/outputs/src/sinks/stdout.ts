/** Alerts as lines on standard output. */

import { delivered, flag, type Outcome, schema } from '@peregrine/base';
import { defineSink, linesOf, type Output, type RenderedAlert } from '../output.ts';
import { writeAll } from './write-all.ts';

const STDOUT_FD = 1;

export const stdout = defineSink({
  name: 'stdout',
  doc: 'Writes each alert as a line to standard output.',
  config: schema({
    enabled: flag({ default: false, doc: 'Whether alerts go to standard output.' }),
  }),
  open: async (): Promise<Output> => ({
    mostPerSend: Number.POSITIVE_INFINITY,
    send: async (batch: readonly RenderedAlert[], signal: AbortSignal): Promise<Outcome> =>
      batch.length === 0 ? delivered : writeAll(STDOUT_FD, linesOf(batch), signal),
    reopen: async () => {},
    close: async () => {},
  }),
});
