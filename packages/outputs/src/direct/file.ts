/** Alerts as lines at the end of a file. */

import { closeSync, openSync } from 'node:fs';
import { Fault, flag, type Outcome, schema, text } from '@peregrine/base';
import { reasonOf, writeAll } from '../transport/write-all.ts';
import { defineDirectSink, linesOf, type Output, type RenderedAlert } from './direct-sink.ts';

export const file = defineDirectSink({
  name: 'file',
  doc: 'Appends each alert as a line to a file.',
  config: schema({
    enabled: flag({ default: false, doc: 'Whether alerts go to a file.' }),
    filename: text({
      default: '',
      doc: 'Path of the file; it is made when it is not there.',
      example: '/var/log/alerts.log',
    }),
    keep_alive: flag({
      default: false,
      doc: 'Keep the file open. Otherwise it is opened for what is to be written and closed after it, so that a rotated file needs no signal.',
    }),
  }),
  refuses: ({ filename }) => (filename === '' ? '`file_output.filename` is not set' : undefined),
  open: async ({ filename, keep_alive: isKeptOpen }): Promise<Output> => {
    let fd: number | undefined = openFile(filename);
    if (!isKeptOpen) close();

    function close(): void {
      if (fd !== undefined) closeSync(fd);
      fd = undefined;
    }

    return {
      mostPerSend: Number.POSITIVE_INFINITY,
      send: async (batch: readonly RenderedAlert[], signal: AbortSignal): Promise<Outcome> => {
        try {
          fd ??= openFile(filename);
        } catch (error) {
          return { kind: 'rejected', reason: reasonOf(error) };
        }
        const outcome = await writeAll(fd, linesOf(batch), signal);
        if (!isKeptOpen) close();
        return outcome;
      },
      reopen: async () => {
        close();
        if (isKeptOpen) fd = openFile(filename);
      },
      close: async () => close(),
    };
  },
});

function openFile(filename: string): number {
  try {
    return openSync(filename, 'a');
  } catch (error) {
    throw new Fault('output-unavailable', `cannot open alert file \`${filename}\`: ${reasonOf(error)}`, {
      cause: error,
      hint: 'its folder must be there and writable',
    });
  }
}
