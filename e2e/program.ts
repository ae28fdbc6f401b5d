/** Runs the built programs as a user would. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const root: string = join(import.meta.dirname, '..');
export const hostCapture: string = join(root, 'corpora/captures/host/host.scap.gz');
export const seedsRules: string = join(root, 'corpora/detect/seeds/rules.yaml');

export interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Running {
  readonly child: ChildProcess;
  /** What came so far. */
  out(): string;
  err(): string;
  ended: Promise<Ended>;
}

export interface RunOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly folder?: string;
  /** What it reads from standard input; nothing unless set. */
  readonly input?: string;
}

export function start(program: string, given: readonly string[], options: RunOptions = {}): Running {
  const child = spawn(program.startsWith('/') ? program : join(root, 'bin', program), given, {
    cwd: options.folder ?? tmpdir(),
    // Programs that run at the same time would want the same port and the same folder.
    env: { ...process.env, FALCO_HOSTNAME: 'tester', TZ: 'UTC', PEREGRINE_UI: 'off', ...options.environment },
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  child.stdin?.end(options.input);
  let out = '';
  let err = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const { promise, resolve } = Promise.withResolvers<Ended>();
  child.on('close', (status) => resolve({ status, out, err }));
  return { child, out: () => out, err: () => err, ended: promise };
}

export function run(program: string, given: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return start(program, given, options).ended;
}

/** A folder of its own for one test, with files in it. */
export class Scratch {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'peregrine-e2e-'));

  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, text: string | Uint8Array): string {
    writeFileSync(this.path(name), text);
    return this.path(name);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export async function until(what: string, holds: () => boolean, limitMs = 15_000): Promise<void> {
  const endMs = Date.now() + limitMs;
  while (!holds()) {
    if (Date.now() > endMs) throw new Error(`waited ${limitMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** What of standard error only a bug of ours would write: a stack, a source file's name. Empty as it should be. */
export function bugIn({ err }: Ended): string {
  return /^\s+at .*\(|this is a bug|\.ts:\d+/m.test(err) ? err : '';
}
