/** Where tests find recordings: ours in `corpora/`, the reference's beside the checkout (not always there). */

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../../', import.meta.url);

export function corpusPath(name: string): string {
  return fileURLToPath(new URL(`corpora/${name}`, ROOT));
}

/** A file of the reference's results, or `undefined` where they are not at hand. */
export function sharedPath(name: string): string | undefined {
  const path = fileURLToPath(new URL(`../shared/${name}`, ROOT));
  return existsSync(path) ? path : undefined;
}
