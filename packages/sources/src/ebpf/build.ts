/**
 * Compiles `bpf/` into the object that the loader reads, when it is missing or older than its sources.
 * Run by itself it is a set-up step: `node packages/sources/src/ebpf/build.ts`.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Fault } from '@peregrine/base';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../../..');
const sourceFolder = join(root, 'bpf');
const source = join(sourceFolder, 'peregrine.bpf.c');

/** Where the compiled probe is, or will be. */
export const probeObjectPath: string = join(root, 'build/bpf/peregrine.bpf.o');

const targetMacros: Readonly<Record<string, string>> = {
  x64: '__TARGET_ARCH_x86',
  arm64: '__TARGET_ARCH_arm64',
};

/** What clang is told to compile the probe for an architecture, which Node names. `undefined`: the probe does not know it. */
export function compilerArguments(architecture: string, objectPath: string): readonly string[] | undefined {
  const macro = targetMacros[architecture];
  if (macro === undefined) return undefined;
  const flags = [
    '--target=bpf',
    '-O2',
    '-g',
    `-D${macro}`,
    '-fno-strict-aliasing',
    '-Wall',
    '-Werror=implicit-function-declaration',
  ];
  return [...flags, '-c', source, '-o', objectPath];
}

function modifiedAtMs(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** Whether the object is there and no source is newer. */
export function isProbeCurrent(): boolean {
  const built = modifiedAtMs(probeObjectPath);
  return (
    built > 0 && readdirSync(sourceFolder).every((name) => modifiedAtMs(join(sourceFolder, name)) <= built)
  );
}

/** Compiles the probe if need be; returns the object's path. Throws a Fault that says what is missing. */
export function buildProbe(): string {
  if (isProbeCurrent()) return probeObjectPath;
  /* Two builds at once must not see each other's half-written object. */
  const partial = `${probeObjectPath}.${process.pid}`;
  const given = compilerArguments(process.arch, partial);
  if (given === undefined)
    throw new Fault('probe-architecture', `the eBPF probe does not know the architecture ${process.arch}`);
  mkdirSync(dirname(probeObjectPath), { recursive: true });
  removeAbandoned();
  const run = spawnSync('clang', given, { encoding: 'utf8' });
  if (run.error !== undefined)
    throw new Fault('probe-compiler-missing', 'cannot build the eBPF probe: clang was not found', {
      cause: run.error,
      hint: 'install it: apt-get install clang libbpf-dev',
    });
  if (run.status !== 0) {
    const isHeaderMissing = run.stderr.includes("'bpf/bpf_helpers.h' file not found");
    throw new Fault('probe-build', `cannot build the eBPF probe: ${firstError(run.stderr)}`, {
      ...(isHeaderMissing ? { hint: 'install the headers: apt-get install libbpf-dev' } : {}),
    });
  }
  renameSync(partial, probeObjectPath);
  return probeObjectPath;
}

/** What builds left that were killed before they ended. */
function removeAbandoned(): void {
  const folder = dirname(probeObjectPath);
  for (const name of readdirSync(folder)) {
    const builder = name.startsWith(`${basename(probeObjectPath)}.`) ? name.split('.').at(-1) : undefined;
    if (builder !== undefined && !existsSync(`/proc/${builder}`)) rmSync(join(folder, name), { force: true });
  }
}

function firstError(output: string): string {
  return output.split('\n').find((line) => line.includes('error:')) ?? output.trim();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    process.stdout.write(`${isProbeCurrent() ? 'up to date' : 'built'}: ${buildProbe()}\n`);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    process.stderr.write(`${error.message}${error.hint === undefined ? '' : `\n${error.hint}`}\n`);
    process.exitCode = 1;
  }
}
