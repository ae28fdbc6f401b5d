/** Runs the hub until a signal ends it. */

import type { Hub } from '@peregrine/app/hub';
import { exit } from './command.ts';
import type { Terminal } from './terminal.ts';

export async function runHubUntilStopped(file: string | undefined, terminal: Terminal): Promise<number> {
  const { runHub } = await import('@peregrine/app/hub');
  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
  // Before the start, which takes a while: a signal must not be lost.
  let signalCount = 0;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // Whoever asks twice does not want to wait for deliveries; what is left is on disk.
      if (++signalCount > 1) process.exit(exit.ok);
      stop();
    });
  }
  process.on('SIGHUP', () => {}); // Nothing is read again; it should not end the program either.
  const hub: Hub | undefined = await runHub({
    file,
    environment: process.env,
    write: (text) => terminal.err(text),
    onDiagnostics: async (diagnostics) => {
      if (diagnostics.length === 0) return;
      const { renderFindings } = await import('@peregrine/app/findings');
      terminal.err(renderFindings(diagnostics, [], { isColourful: terminal.isColourful }));
    },
  });
  if (hub === undefined) return exit.failed;
  await stopped;
  await hub.stop();
  return exit.ok;
}
