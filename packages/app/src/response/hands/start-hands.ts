/**
 * Starts the process that acts on this machine, before the program that reads what others wrote gives up its privileges.
 * One pair of sockets connects the two; when it breaks, that process ends.
 */

import { spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { connectHands, type HandsConnection, type HandsSettings } from '@peregrine/actions/hands';
import { inheritedDescriptor } from './inheritance.ts';

export interface StartHandsOptions {
  /** Names of those that the actions in use take. It gets those of them that this process has. */
  readonly capabilities: readonly string[];
  /** What nothing is done to; what is not named is as by default. */
  readonly protections: Partial<Omit<HandsSettings, 'hostname'>>;
  /** Of this machine, as its alerts name it. */
  readonly hostname: string;
}

/** What the process is told when it starts. */
export interface HandsStart extends StartHandsOptions {
  /** Of the program that it works for. */
  readonly mainPid: number;
}

export interface StartedHands {
  readonly pid: number | undefined;
  /** Of this side of the connection. */
  readonly fd: number;
  /** To be called in this process, or else in the program that takes its place, by `inheritedHands`; not in both. */
  connect(): HandsConnection;
}

/** In the environment of that process: `HandsStart`, as JSON. */
export const HANDS_START = 'PEREGRINE_HANDS';
/** The process's side of the connection. */
export const HANDS_FD = 3;
const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const workerFile = fileURLToPath(new URL('./hands-worker.ts', import.meta.url));
/** Little is kept, and nothing is compiled twice. */
const flags = ['--max-semi-space-size=1', '--disable-warning=ExperimentalWarning'];

/** Where it cannot be started, the connection is broken, and says so. */
export function startHands(options: StartHandsOptions): StartedHands {
  const start: HandsStart = { ...options, mainPid: process.pid };
  const { NODE_COMPILE_CACHE, MALLOC_ARENA_MAX } = process.env;
  const child = spawn(process.execPath, [...flags, workerFile], {
    cwd: '/',
    // A signal from the terminal is for the program alone, which may have something to do yet.
    detached: true,
    env: {
      ...{ PATH: SYSTEM_PATH, LANG: 'C.UTF-8', [HANDS_START]: JSON.stringify(start) },
      ...(NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE }),
      ...(MALLOC_ARENA_MAX === undefined ? {} : { MALLOC_ARENA_MAX }),
    },
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  });
  child.on('error', () => {});
  child.unref();
  // A pipe, as asked for above; Node makes none when it has no descriptors left.
  const stream = (child.stdio?.[HANDS_FD] ?? new Socket()) as Socket;
  stream.unref();
  return {
    pid: child.pid,
    fd: descriptorOf(stream),
    connect: () => connectHands(stream, options.hostname),
  };
}

/** What Node knows of a socket, and does not document. -1 for none. */
function descriptorOf(stream: Socket): number {
  const { _handle } = stream as { readonly _handle?: { readonly fd?: number } | null };
  return _handle?.fd ?? -1;
}

/** The connection that the program before this one left, once; `undefined`: it left none. */
export function inheritedHands(hostname: string): HandsConnection | undefined {
  const fd = inheritedDescriptor();
  if (fd === undefined) return undefined;
  const stream = new Socket({ fd });
  stream.unref();
  return connectHands(stream, hostname);
}
