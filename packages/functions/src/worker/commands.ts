/** The programs that functions run in: the machine's Python with our bridge, or this Node with our worker. */

import { fileURLToPath } from 'node:url';
import type { FunctionSpec } from '../function-spec.ts';
import { PROBE } from './probe.ts';

const bridgeFile = `${import.meta.dirname}/../python/bridge.py`;
const workerFile = fileURLToPath(new URL('./function-worker.ts', import.meta.url));
const MEGABYTE = 2 ** 20;
/** Of Node's, on modules that do not say what kind they are, and on types in modules. */
const quietWarnings = ['ExperimentalWarning', 'MODULE_TYPELESS_PACKAGE_JSON'];

/** Each with its arguments, in the order in which they are tried. */
export function commandsFor(spec: FunctionSpec, pythons: readonly string[]): readonly (readonly string[])[] {
  if (spec.language === 'python') return pythons.map((python) => [python, '-B', bridgeFile]);
  const heap = `--max-old-space-size=${Math.ceil(spec.memoryBytes / MEGABYTE)}`;
  return [[process.execPath, heap, ...quietWarnings.map((name) => `--disable-warning=${name}`), workerFile]];
}

/** Ends well where the worker can be loaded. */
export function probeCommand(): readonly string[] {
  return [process.execPath, workerFile, PROBE];
}
