/** Real servers for tests: programs of this machine, each with a folder of its own, on loopback only. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const LIMIT_MS = 120_000;

export interface RunningServer {
  readonly folder: string;
  /** What it wrote to its output so far, for tests that fail. */
  output(): string;
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Stops it and removes its folder. */
  remove(): Promise<void>;
}

export interface ServerOptions {
  readonly program: string;
  readonly args: (folder: string) => readonly string[];
  readonly environment?: (folder: string) => Readonly<Record<string, string>>;
  /** Of an earlier one, which is started again; a new one unless set. */
  readonly folder?: string;
  /** Files are written here before the first start. */
  readonly prepare?: (folder: string) => void;
  readonly isReady: (server: {
    readonly folder: string;
    readonly output: string;
  }) => Promise<boolean> | boolean;
}

/** Why there can be none; `undefined` when there can. Programs for administrators are not in everybody's PATH. */
export function programObstacle(...programs: readonly string[]): string | undefined {
  const folders = `${process.env.PATH ?? ''}:/usr/sbin:/sbin`.split(':');
  const missing = programs.find((program) => !folders.some((folder) => existsSync(join(folder, program))));
  return missing === undefined ? undefined : `there is no program \`${missing}\``;
}

export function pythonObstacle(module: string): string | undefined {
  try {
    execFileSync('python3', ['-c', `import ${module}`], { stdio: 'ignore' });
    return undefined;
  } catch {
    return `there is no Python with \`${module}\``;
  }
}

export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'peregrine-server-'));
  if (options.folder === undefined) options.prepare?.(folder);
  const environment = { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` };
  const child = spawn(options.program, options.args(folder), {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...environment, ...options.environment?.(folder) },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (bytes: Buffer) => {
      output += bytes.toString('utf8');
    });
  }
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    if (isRunning(child)) child.kill(signal);
    await ended;
  };
  const endMs = Date.now() + LIMIT_MS;
  while (!(await options.isReady({ folder, output }))) {
    if (!isRunning(child) || Date.now() > endMs) {
      await stop('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
      throw new Error(`${options.program} did not start: ${output}`);
    }
    await pause(20);
  }
  return {
    folder,
    output: () => output,
    stop,
    remove: async () => {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Whether somebody takes connections there. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}
