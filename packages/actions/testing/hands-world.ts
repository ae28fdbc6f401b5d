/** What acts on this machine, in the process of a test, and processes of the test's own to act on. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Duplex, duplexPair } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { HubAlert } from '@peregrine/alert';
import type { Action, ActionOutcome, ActionPorts } from '../src/action.ts';
import { deedRoster } from '../src/host/deeds/roster.ts';
import { connectHands, type HandsConnection } from '../src/host/hands-client.ts';
import { serveHands } from '../src/host/hands-server.ts';
import { defaultHandsSettings, type HandsSettings } from '../src/host/hands-settings.ts';
import { openLinuxCalls } from '../src/host/linux/calls.ts';
import { programOf, readProcess, startOf } from '../src/host/linux/process-facts.ts';
import { alertOf } from './alert-of.ts';
import { noPorts } from './no-ports.ts';
import { runAction, undoOf } from './run-action.ts';

/** Of the machine, as alerts of these tests name it. */
export const HOSTNAME = 'node-1';

const SERVE_ALONE = fileURLToPath(new URL('./serve-alone.ts', import.meta.url));

export interface HandsWorldOptions {
  readonly settings?: Partial<HandsSettings>;
  readonly accountsRoot?: string;
  readonly hasCapability?: (name: string) => boolean;
  /** A command before its own: `unshare -n`. It is a process of its own then. */
  readonly prefix?: readonly string[];
}

/** Closed by `Symbol.asyncDispose`: processes that it started are ended and waited for. */
export class HandsWorld implements AsyncDisposable {
  readonly calls = openLinuxCalls();
  readonly connection: HandsConnection;
  /** Of the process of its own. */
  readonly pid: number | undefined;
  readonly #served: Promise<void>;
  readonly #children: ChildProcess[] = [];

  constructor(options: HandsWorldOptions = {}) {
    const settings = { ...options.settings, hostname: HOSTNAME };
    const { accountsRoot = '', hasCapability = () => true, prefix } = options;
    if (prefix !== undefined) {
      this.#served = Promise.resolve();
      const [program = '', ...given] = prefix;
      const own = [process.execPath, SERVE_ALONE, JSON.stringify(settings), accountsRoot];
      const child = spawn(program, [...given, ...own], { stdio: ['ignore', 'ignore', 'inherit', 'pipe'] });
      this.#children.push(child);
      this.pid = child.pid;
      // A pipe, as asked for above.
      this.connection = connectHands(child.stdio[3] as Duplex, HOSTNAME);
      return;
    }
    const [near, far] = duplexPair();
    this.#served = serveHands(far, {
      ...{ deeds: deedRoster, hasCapability, calls: this.calls, accountsRoot },
      settings: defaultHandsSettings(settings),
      ownPids: [process.pid, process.ppid],
    });
    this.connection = connectHands(near, HOSTNAME);
  }

  /** A process that waits for its end. */
  start(program = 'sleep', given: readonly string[] = ['600']): ChildProcess & { readonly pid: number } {
    const child = spawn(program, given, { stdio: ['ignore', 'pipe', 'ignore'] });
    this.#children.push(child);
    const { pid } = child;
    if (pid === undefined) throw new Error(`\`${program}\` cannot be started`);
    return Object.assign(child, { pid });
  }

  /** Of something that the process just did; `known`: with what tells it from others. */
  alertOn(
    pid: number,
    parts: { readonly known?: boolean; readonly fields?: HubAlert['fields'] } = {},
  ): HubAlert {
    const facts = readProcess(pid);
    const startNs = facts === undefined ? 0 : BigInt(Math.round(startOf(facts, this.calls))) * 1_000_000n;
    const known =
      parts.known === false
        ? {}
        : { 'proc.pid.ts': startNs, 'proc.exepath': programOf(pid) ?? '', 'proc.name': facts?.name ?? '' };
    const fields = { 'proc.pid': pid, 'container.id': 'host', ...known, ...parts.fields };
    return alertOf({ hostname: HOSTNAME, timeNs: BigInt(Date.now()) * 1_000_000n, fields });
  }

  ports(isDryRun = false): ActionPorts {
    const { port } = this.connection;
    return {
      ...noPorts,
      hands: async () =>
        isDryRun
          ? {
              hostname: port.hostname,
              ask: (request, signal) => port.ask({ ...request, isDryRun: true }, signal),
            }
          : port,
    };
  }

  /** As the responder does it: find, look, act. What keeps it from being done is an outcome, too. */
  async run(
    action: Action,
    alert: HubAlert,
    parameters: Readonly<Record<string, unknown>> = {},
    isDryRun = false,
  ): Promise<ActionOutcome> {
    const signal = AbortSignal.timeout(20_000);
    const result = await runAction(action, {
      ports: this.ports(isDryRun),
      alert,
      parameters,
      isDryRun,
      signal,
    });
    return result.kind === 'gone' ? { kind: 'unchanged', reason: result.reason } : result;
  }

  undo(action: Action, outcome: ActionOutcome): Promise<ActionOutcome> {
    return undoOf(action, outcome, this.ports(), AbortSignal.timeout(20_000));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGCONT');
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    // So that this end has read what was written to it: the pair of streams waits for that.
    await new Promise((resolve) => setImmediate(resolve));
    this.connection.close();
    await this.#served;
  }
}

/** How a process ended; it waits for that. */
export async function endOf(child: ChildProcess): Promise<string> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.signalCode ?? `status ${child.exitCode}`;
}
