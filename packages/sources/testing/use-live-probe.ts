/** The set-up of a group of live tests: a probe that sees a cgroup of its own alone, and a folder. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';
import { type EbpfSource, openEbpf } from '../src/ebpf/ebpf-source.ts';
import { createLiveCgroup, type LiveCgroup, type LiveEvent, runLive } from './live-probe.ts';

/** What tests of one group share. Each is there from the first test on. */
export interface LiveProbe {
  readonly cgroup: LiveCgroup;
  readonly source: EbpfSource;
  readonly folder: string;
  /** Runs a shell command in the cgroup, and gives its events and what it printed. */
  run(command: string): Promise<{ events: readonly LiveEvent[]; output: string }>;
}

/** To be called in a `describe`: opens before its tests and closes after them. */
export function useLiveProbe(): LiveProbe {
  let cgroup: LiveCgroup | undefined;
  let source: EbpfSource | undefined;
  const folder = useFolder();
  beforeAll(() => {
    cgroup = createLiveCgroup();
    source = openEbpf({ scope: `cgroup:${cgroup.path}` });
  }, 60_000);
  afterAll(async () => {
    source?.close();
    await cgroup?.remove();
  });
  const opened = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error('the probe is there while tests run');
    return value;
  };
  return {
    get cgroup() {
      return opened(cgroup);
    },
    get source() {
      return opened(source);
    },
    folder,
    run: (command) => runLive(opened(source), opened(cgroup), command),
  };
}

/** A folder that goes with the tests of the file. */
export function useFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'peregrine-live-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Compiles a C program of this folder; returns its path. */
export function compileProgram(name: string, folder: string): string {
  const program = join(folder, name);
  const code = fileURLToPath(new URL(`${name}.c`, import.meta.url));
  execFileSync('clang', ['-static', '-O1', '-w', '-o', program, code]);
  return program;
}

/** Compiles a C program that is given as text; returns its path. */
export function compileText(name: string, code: string, folder: string): string {
  const program = join(folder, name);
  execFileSync('clang', ['-x', 'c', '-static', '-w', '-o', program, '-'], { input: code });
  return program;
}
