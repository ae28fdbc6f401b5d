/** Real containers for tests: runc, busybox, and a cgroup whose path looks as a given runtime's do. */

import { type ChildProcess, execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { LiveCgroup } from './live-probe.ts';

const needed = ['/usr/sbin/runc', '/usr/bin/busybox'];

/** Why no container can be run here; part of a skipped test's name. */
export function runcObstacle(): string | undefined {
  const missing = needed.find((path) => !existsSync(path));
  return missing === undefined ? undefined : `${missing} is not installed`;
}

export interface RuncProgramOptions {
  /** Variables besides. */
  readonly environment?: Readonly<Record<string, string>>;
  /** It has no input unless asked for. */
  readonly input?: 'ignore' | 'pipe';
  readonly isAtTerminal?: boolean;
}

export interface RuncContainer {
  /** Its root on this machine. */
  readonly rootfs: string;
  /** Runs it to its end; what it runs is a script of busybox's shell. */
  run(script: string): ChildProcess;
  /** Runs a program as its first, to its end. */
  runProgram(words: readonly string[], options?: RuncProgramOptions): ChildProcess;
  /** Whether its first program runs. */
  isRunning(): boolean;
  /** Runs a command in it while it runs, as runtimes run health checks. It has no input unless asked for. */
  exec(command: readonly string[], input?: 'ignore' | 'pipe'): ChildProcess;
  /** The same with a terminal, as people run shells. */
  execAtTerminal(command: readonly string[], input?: 'ignore' | 'pipe'): ChildProcess;
  /** Ends it, whatever runs in it; with `TERM` it is asked to. */
  kill(signal?: 'KILL' | 'TERM'): ChildProcess;
  remove(): void;
}

/** `leaf`: last part of its cgroup's path, which names it. It lives below `cgroup`. */
export function createRuncContainer(cgroup: LiveCgroup, id: string, leaf: string): RuncContainer {
  const folder = mkdtempSync(join(tmpdir(), 'peregrine-runc-'));
  const rootfs = join(folder, 'rootfs');
  for (const name of ['bin', 'proc', 'dev', 'sys']) mkdirSync(join(rootfs, name), { recursive: true });
  copyFileSync('/usr/bin/busybox', join(rootfs, 'bin/busybox'));
  symlinkSync('busybox', join(rootfs, 'bin/sh'));
  execFileSync('runc', ['spec'], { cwd: folder });
  const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));
  config.linux.cgroupsPath = `/${basename(cgroup.path)}/${leaf}`;
  const runc = `runc --root ${folder}/state`;
  const execLine = (command: readonly string[], option = ''): string =>
    `${runc} exec ${option} ${id} ${command.map(quoted).join(' ')}`;
  const runProgram: RuncContainer['runProgram'] = (words, options = {}) => {
    const { environment = {}, input = 'ignore', isAtTerminal = false } = options;
    const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
    const env = [...config.process.env, ...variables];
    const process = { ...config.process, args: words, env, terminal: isAtTerminal };
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...config, process }));
    const line = `${runc} run -b ${folder} ${id}`;
    return cgroup.spawn(isAtTerminal ? atTerminal(line) : `exec ${line}`, input);
  };
  return {
    rootfs,
    run: (script) => runProgram(['/bin/busybox', 'sh', '-c', script]),
    runProgram,
    isRunning: () => isRunning(`${folder}/state`, id),
    exec: (command, input) => cgroup.spawn(`exec ${execLine(command)}`, input),
    execAtTerminal: (command, input) => cgroup.spawn(atTerminal(execLine(command, '-t')), input),
    kill: (signal = 'KILL') => cgroup.spawn(`exec ${runc} kill ${id} ${signal}`),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** A command that has a terminal, whatever it is started from. */
function atTerminal(line: string): string {
  return `exec script -qec ${quoted(line)} /dev/null`;
}

/** A word of a shell's command, whatever is in it. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

function isRunning(state: string, id: string): boolean {
  const asked = spawnSync('runc', ['--root', state, 'state', id], { encoding: 'utf8' });
  return asked.status === 0 && JSON.parse(asked.stdout).status === 'running';
}
