/** Files that tests of the language read. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

const root = new URL('../../../', import.meta.url);

/** The values of a gzipped file of JSON lines in `corpora/`. */
export function readJsonLines<T>(path: string): readonly T[] {
  const text = gunzipSync(readFileSync(new URL(`corpora/${path}`, root))).toString('utf8');
  // `as`: the folder's README states the shape.
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
}

/** A file or folder beside the checkout that not every machine has; `undefined` where it is absent. */
export function sharedPath(path: string): URL | undefined {
  const url = new URL(`../shared/${path}`, root);
  return existsSync(url) ? url : undefined;
}

/** Falco's published rules files, by name; empty where they are absent. */
export function upstreamRules(): readonly { readonly name: string; readonly text: string }[] {
  const folder = sharedPath('upstream/');
  if (folder === undefined) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => ({ name, text: readFileSync(new URL(name, folder), 'utf8') }));
}
