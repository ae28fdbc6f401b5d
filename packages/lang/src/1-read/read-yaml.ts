/** YAML text to nodes: the lean reader first, the YAML library for whatever that leaves alone. */

import { readLeanYaml } from './lean-yaml.ts';
import { readLibraryYaml } from './library-yaml.ts';
import type { YamlResult } from './yaml-node.ts';

export function readYaml(text: string): YamlResult {
  const documents = readLeanYaml(text);
  return documents === undefined ? readLibraryYaml(text) : { kind: 'documents', documents };
}
