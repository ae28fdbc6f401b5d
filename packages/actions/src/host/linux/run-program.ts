/** Runs a program without a shell: bounded in time and output, and ended with all that it started. */

import { spawn } from 'node:child_process';
import { closeSync, fchmodSync, constants as files, openSync, writeSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';

export interface ProgramRequest {
  /** Path or name, and arguments. */
  readonly command: readonly string[];
  readonly input: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
  /** `undefined`: as whoever runs it. */
  readonly account: { readonly uid: number; readonly gid: number } | undefined;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export type ProgramEnd =
  | {
      readonly kind: 'ended';
      /** 128 and the signal's number, where a signal ended it. */
      readonly exitCode: number;
      readonly stdout: string;
      readonly stderr: string;
    }
  /** It was ended, since its time was over or nobody waits any more. */
  | { readonly kind: 'cut'; readonly reason: string }
  | { readonly kind: 'absent'; readonly reason: string };

export const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** The same on x86-64 and arm64, but for the bit of folders. */
const O_TMPFILE = 0o20000000 | files.O_DIRECTORY;
/** Of each stream, bytes; what is more is read and forgotten. */
const MOST_OUTPUT_BYTES = 64 * 1024;

/** Never rejects. */
export function runProgram(request: ProgramRequest): Promise<ProgramEnd> {
  const { command, input, environment, folder, account, timeoutMs, signal } = request;
  const [program = '', ...given] = command;
  const { promise, resolve } = Promise.withResolvers<ProgramEnd>();
  const inputFd = openInput(input);
  const child = spawn(program, given, {
    cwd: folder,
    env: { PATH: SYSTEM_PATH, LANG: 'C.UTF-8', ...environment },
    detached: true,
    stdio: [inputFd ?? 'pipe', 'pipe', 'pipe'],
    ...(account === undefined ? {} : account),
  });
  if (inputFd !== undefined) closeSync(inputFd);
  const outputs = [child.stdout, child.stderr].map((stream) => {
    const pieces: Buffer[] = [];
    let size = 0;
    stream?.on('data', (piece: Buffer) => {
      if (size < MOST_OUTPUT_BYTES) pieces.push(piece.subarray(0, MOST_OUTPUT_BYTES - size));
      size += piece.length;
    });
    return pieces;
  });
  const cut = (reason: string): void => {
    killGroup(child.pid);
    // What left the group may hold the pipes open.
    child.stdout?.destroy();
    child.stderr?.destroy();
    resolve({ kind: 'cut', reason });
  };
  const timer = setTimeout(() => cut(`it took longer than ${timeoutMs} ms, and was ended`), timeoutMs);
  const onAbort = (): void => cut('nobody waited for it any more, and it was ended');
  signal.addEventListener('abort', onAbort, { once: true });
  void promise.then(() => {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  });
  child.on('error', (error) => resolve({ kind: 'absent', reason: error.message }));
  child.on('close', (status, signalName) => {
    const [stdout = '', stderr = ''] = outputs.map((pieces) => Buffer.concat(pieces).toString('utf8'));
    resolve({ kind: 'ended', exitCode: exitCodeOf(status, signalName), stdout, stderr });
  });
  // It need not read what it is given.
  child.stdin?.on('error', () => {});
  child.stdin?.end(input);
  return promise;
}

/**
 * A file without a name: programs may open it as `/dev/stdin`, unlike Node's pipes, which are sockets. `undefined` where
 * there can be none.
 */
function openInput(input: string): number | undefined {
  try {
    const fd = openSync(tmpdir(), O_TMPFILE | files.O_RDWR, 0o600);
    // Of another user, too. Whoever has no descriptor of it cannot get at it.
    fchmodSync(fd, 0o444);
    const bytes = Buffer.from(input);
    // Its place for reading stays where it begins.
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, at);
    return fd;
  } catch {
    return undefined;
  }
}

function exitCodeOf(status: number | null, signalName: NodeJS.Signals | null): number {
  return status ?? 128 + (signalName === null ? 0 : (constants.signals[signalName] ?? 0));
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // All of it is gone.
  }
}
