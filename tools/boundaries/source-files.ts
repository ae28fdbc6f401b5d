/** Reads the TypeScript files of the packages and what each imports. */

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '..', '..');

export interface Import {
  readonly specifier: string;
  /** Erased when the program runs. */
  readonly isTypeOnly: boolean;
}

export interface SourceFile {
  /** From the checkout's root, with `/`. */
  readonly path: string;
  readonly packageName: string;
  readonly isTest: boolean;
  readonly text: string;
  readonly imports: readonly Import[];
}

const STATIC_IMPORT = /^(?:import|export)\s+(type\s)?(?:[^'"`;]*?\sfrom\s*)?['"]([^'"]+)['"]/gm;
const DYNAMIC_IMPORT = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;

/** All imports in a module's text; comments and strings that look like one at a line's start would count too. */
export function importsOf(text: string): readonly Import[] {
  return [
    ...[...text.matchAll(STATIC_IMPORT)].map((match) => ({
      specifier: match[2] ?? '',
      isTypeOnly: match[1] !== undefined,
    })),
    ...[...text.matchAll(DYNAMIC_IMPORT)].map((match) => ({ specifier: match[1] ?? '', isTypeOnly: false })),
  ];
}

export function listPackages(): readonly string[] {
  return readdirSync(join(root, 'packages'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

export function readSourceFiles(packageName: string): readonly SourceFile[] {
  const folder = join(root, 'packages', packageName);
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.includes('/node_modules/'))
    .sort()
    .map((path) => {
      const text = readFileSync(path, 'utf8');
      return {
        path: relative(root, path),
        packageName,
        isTest: path.endsWith('.test.ts') || path.includes('/testing/'),
        text,
        imports: importsOf(text),
      };
    });
}

/** The file that a relative import names, from the checkout's root. */
export function targetOf(file: SourceFile, specifier: string): string {
  return relative(root, resolve(root, dirname(file.path), specifier));
}

/** The cycles in a graph, each as the path that closes it; a cycle is found once. */
export function cyclesIn(graph: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const cycles: string[] = [];
  const isDone = new Map<string, boolean>();
  const walk = (node: string, trail: readonly string[]): void => {
    if (isDone.get(node) === true) return;
    if (isDone.get(node) === false) {
      cycles.push([...trail.slice(trail.indexOf(node)), node].join(' -> '));
      return;
    }
    isDone.set(node, false);
    for (const next of graph.get(node) ?? []) walk(next, [...trail, node]);
    isDone.set(node, true);
  };
  for (const node of graph.keys()) walk(node, []);
  return cycles;
}
