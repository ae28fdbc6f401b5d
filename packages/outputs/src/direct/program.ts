/** Alerts as lines on the standard input of a shell command. */

import type { ChildProcess } from 'node:child_process';
import { delivered, flag, type Outcome, schema, text } from '@peregrine/base';
import { reasonOf } from '../transport/write-all.ts';
import { defineDirectSink, linesOf, type Output, type RenderedAlert } from './direct-sink.ts';

export const program = defineDirectSink({
  name: 'program',
  doc: 'Hands each alert as a line to the standard input of a program.',
  config: schema({
    enabled: flag({ default: false, doc: 'Whether alerts go to a program.' }),
    program: text({ default: '', doc: 'Shell command to run.', example: 'mail -s alert root' }),
    keep_alive: flag({ default: false, doc: 'Start the program once; otherwise once for each alert.' }),
  }),
  refuses: ({ program: command }) => (command === '' ? '`program_output.program` is not set' : undefined),
  open: async ({ program: command, keep_alive: isKeptRunning }, { timeoutMs }): Promise<Output> => {
    let running: ChildProcess | undefined;

    async function stop(): Promise<void> {
      const child = running;
      running = undefined;
      if (child !== undefined) await ended(child, AbortSignal.timeout(timeoutMs));
    }

    return {
      mostPerSend: 1,
      send: async (batch: readonly RenderedAlert[], signal: AbortSignal): Promise<Outcome> => {
        if (isKeptRunning) {
          if (running === undefined || running.exitCode !== null || running.signalCode !== null) {
            const started = start(command);
            if (typeof started === 'string') return { kind: 'rejected', reason: started };
            running = started;
          }
          return write(running, linesOf(batch), signal);
        }
        for (const alert of batch) {
          const child = start(command);
          if (typeof child === 'string') return { kind: 'rejected', reason: child };
          const outcome = await write(child, `${alert.line}\n`, signal);
          const status = await ended(child, signal);
          if (outcome.kind !== 'delivered') return outcome;
          if (status !== undefined) return { kind: 'rejected', reason: status };
        }
        return delivered;
      },
      reopen: stop,
      close: stop,
    };
  },
});

/** The program, or why there is none. */
function start(command: string): ChildProcess | string {
  // Not imported: few configurations have a program, and the module loads sockets.
  const { spawn } = process.getBuiltinModule('node:child_process');
  let child: ChildProcess;
  try {
    child = spawn('/bin/sh', ['-c', command], { stdio: ['pipe', 'inherit', 'inherit'] });
  } catch (error) {
    return cannotStart(error);
  }
  // Failures come out of `write` and `ended`; without a listener they would end this process.
  child.on('error', () => {});
  child.stdin?.on('error', () => {});
  return child;
}

function cannotStart(error: unknown): string {
  return `the program cannot be started: ${reasonOf(error)}`;
}

function write(child: ChildProcess, text: string, signal: AbortSignal): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const { stdin } = child;
  if (stdin === null) return Promise.resolve({ kind: 'rejected', reason: 'the program has no input' });
  const onAbort = (): void => resolve({ kind: 'rejected', reason: 'the program does not read its input' });
  signal.addEventListener('abort', onAbort, { once: true });
  stdin.write(text, (error) => {
    signal.removeEventListener('abort', onAbort);
    resolve(
      error ? { kind: 'rejected', reason: `the program takes no input: ${reasonOf(error)}` } : delivered,
    );
  });
  return promise;
}

/** Closes the program's input and waits for its end; `signal` ends it. Gives what is wrong with how it ended. */
function ended(child: ChildProcess, signal: AbortSignal): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const finish = (): void => {
    signal.removeEventListener('abort', onAbort);
    if (child.signalCode !== null) resolve(`the program was ended by ${child.signalCode}`);
    else resolve(child.exitCode ? `the program ended with status ${child.exitCode}` : undefined);
  };
  const onAbort = (): void => {
    child.kill('SIGKILL');
    resolve('the program did not end in time');
  };
  child.stdin?.end();
  if (child.exitCode !== null || child.signalCode !== null) finish();
  else {
    child.once('exit', finish);
    child.once('error', (error) => resolve(cannotStart(error)));
    signal.addEventListener('abort', onAbort, { once: true });
  }
  return promise;
}
