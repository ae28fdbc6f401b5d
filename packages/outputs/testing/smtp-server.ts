/** A real mail server on this machine: aiosmtpd, another implementation than the client's. */

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { startServer } from './run-server.ts';

/** Debian's Python: its modules are Debian's packages. */
const PYTHON = '/usr/bin/python3';

export interface ReceivedMail {
  readonly event: 'mail';
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly auth: string | null;
  readonly text: string;
}

export interface SmtpServer {
  readonly port: number;
  mails(): readonly ReceivedMail[];
  connections(): readonly { readonly event: 'connected'; readonly tls: boolean }[];
  remove(): Promise<void>;
}

/** Why there can be none; `undefined` when there can. */
export function smtpObstacle(): string | undefined {
  try {
    execFileSync(PYTHON, ['-c', 'import aiosmtpd'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return `\`${PYTHON}\` has no aiosmtpd`;
  }
}

export async function startSmtp(options: Readonly<Record<string, unknown>> = {}): Promise<SmtpServer> {
  const server = await startServer({
    program: PYTHON,
    args: () => [join(import.meta.dirname, 'smtp-server.py'), JSON.stringify(options)],
    isReady: ({ output }) => output.includes('"ready"'),
  });
  // Each line is what the program beside this file writes.
  const events = <T extends { readonly event: string }>(name: T['event']): readonly T[] =>
    server
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as T)
      .filter(({ event }) => event === name);
  const [ready] = events<{ readonly event: 'ready'; readonly port: number }>('ready');
  return {
    port: ready?.port ?? 0,
    mails: () => events<ReceivedMail>('mail'),
    connections: () => events('connected'),
    remove: () => server.remove(),
  };
}
