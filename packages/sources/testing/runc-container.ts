/** Real containers for tests: runc, busybox, and a cgroup whose path looks as a given runtime's do. */

import { type ChildProcess, execFileSync } from 'node:child_process';
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

export interface RuncContainer {
  /** Runs it to its end; what it runs is a script of busybox's shell. */
  run(script: string): ChildProcess;
  /** Runs a command in it while it runs, as runtimes run health checks. */
  exec(command: readonly string[]): ChildProcess;
  /** The same with a terminal, as people run shells. */
  execAtTerminal(command: readonly string[]): ChildProcess;
  /** Ends it, whatever runs in it. */
  kill(): ChildProcess;
  remove(): void;
}

/** `leaf`: last part of its cgroup's path, which names it. It lives below `cgroup`. */
export function createRuncContainer(cgroup: LiveCgroup, id: string, leaf: string): RuncContainer {
  const folder = mkdtempSync(join(tmpdir(), 'peregrine-runc-'));
  for (const name of ['bin', 'proc', 'dev', 'sys'])
    mkdirSync(join(folder, 'rootfs', name), { recursive: true });
  copyFileSync('/usr/bin/busybox', join(folder, 'rootfs/bin/busybox'));
  symlinkSync('busybox', join(folder, 'rootfs/bin/sh'));
  execFileSync('runc', ['spec'], { cwd: folder });
  const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));
  config.process.terminal = false;
  config.linux.cgroupsPath = `/${basename(cgroup.path)}/${leaf}`;
  return {
    run: (script) => {
      config.process.args = ['/bin/busybox', 'sh', '-c', script];
      writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
      return cgroup.spawn(`exec runc --root ${folder}/state run -b ${folder} ${id} </dev/null`);
    },
    exec: (command) => cgroup.spawn(`exec runc --root ${folder}/state exec ${id} ${command.join(' ')}`),
    execAtTerminal: (command) => {
      const line = `runc --root ${folder}/state exec -t ${id} ${command.join(' ')}`;
      return cgroup.spawn(`exec script -qec "${line}" /dev/null </dev/null`);
    },
    kill: () => cgroup.spawn(`exec runc --root ${folder}/state kill ${id} KILL`),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
