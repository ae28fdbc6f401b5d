/** Alerts to the machine's log daemon, over its unix socket. */

import { setTimeout as sleep } from 'node:timers/promises';
import { priorities } from '@peregrine/alert';
import { delivered, flag, type Outcome, schema, text } from '@peregrine/base';
import { encodeSyslog } from '../transport/syslog-message.ts';
import type { UnixSocket } from '../transport/unix-datagram.ts';
import { defineDirectSink, type Output, type RenderedAlert } from './direct-sink.ts';

const RETRY_MS = 10;

export const syslog = defineDirectSink({
  name: 'syslog',
  doc: 'Sends each alert to the log daemon; the severity is the priority of the rule.',
  config: schema({
    enabled: flag({ default: false, doc: 'Whether alerts go to the log daemon.' }),
    socket: text({ default: '/dev/log', doc: 'Unix socket of the log daemon.' }),
  }),
  open: async ({ socket: path }, { programName }): Promise<Output> => {
    const { connectUnix } = await import('../transport/unix-datagram.ts');
    let socket: UnixSocket | undefined;

    function close(): void {
      socket?.close();
      socket = undefined;
    }

    /** A daemon that was restarted has a new socket: one more try on a new connection. */
    async function sendOne(message: Buffer, signal: AbortSignal): Promise<Outcome> {
      let isReconnected = false;
      for (;;) {
        if (socket === undefined) {
          const connected = connectUnix(path);
          if (typeof connected === 'string') return rejected(path, connected);
          socket = connected;
          isReconnected = true;
        }
        const result = socket.send(message);
        if (result === 'sent') return delivered;
        if (result === 'full') {
          if (signal.aborted) return rejected(path, 'the daemon is too slow');
          await sleep(RETRY_MS);
          continue;
        }
        if (result === 'EMSGSIZE') return rejected(path, `an alert of ${message.length} bytes is too long`);
        close();
        if (isReconnected) return rejected(path, result);
      }
    }

    return {
      mostPerSend: 1,
      send: async (batch: readonly RenderedAlert[], signal: AbortSignal): Promise<Outcome> => {
        let failure: Outcome | undefined;
        for (const rendered of batch) {
          const outcome = await sendOne(
            encodeSyslog(severityOf(rendered), programName, rendered.line, new Date()),
            signal,
          );
          if (outcome.kind !== 'delivered') failure = outcome;
        }
        return failure ?? delivered;
      },
      reopen: async () => close(),
      close: async () => close(),
    };
  },
});

function severityOf({ alert }: RenderedAlert): number {
  return priorities.indexOf(alert.priority);
}

function rejected(path: string, why: string): Outcome {
  return { kind: 'rejected', reason: `log daemon at \`${path}\`: ${why}` };
}
