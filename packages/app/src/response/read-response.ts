/** Response rules from files. */

import { readFileSync } from 'node:fs';
import { type ReadResponseRules, readResponseRules } from '@peregrine/actions';
import type { Diagnostic } from '@peregrine/base';
import { unreadable } from '../config/diagnostics.ts';
import { readYamlTree } from '../config/read-yaml.ts';
import { repeatedKey } from '../hub/config/diagnostics.ts';

/** Files in their order. Everything that is wrong with any of them is found. */
export function readResponseFiles(paths: readonly string[]): ReadResponseRules {
  const diagnostics: Diagnostic[] = [];
  const roots = paths.map((path) => {
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      diagnostics.push(unreadable.at({}, path, reason));
      return undefined;
    }
    // As written: `${NAME}` is for the action to fill in.
    const tree = readYamlTree(path, text, (written) => written);
    diagnostics.push(...tree.diagnostics);
    for (const { name, span } of tree.repeats) diagnostics.push(repeatedKey.at({ span }, name));
    return tree.root;
  });
  const read = readResponseRules(roots);
  return {
    plan: diagnostics.length === 0 ? read.plan : undefined,
    diagnostics: [...diagnostics, ...read.diagnostics],
  };
}
