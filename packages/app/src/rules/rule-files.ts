/** Rules files as they are asked for (files, folders) to texts, in order. */

import type { Diagnostic } from '@peregrine/base';
import { noRulesFile } from '../config/diagnostics.ts';
import type { ConfigFiles } from '../config/load-config.ts';

export interface RuleFile {
  /** As asked for; what findings call it. */
  readonly name: string;
  readonly text: string;
}

export interface FoundRuleFiles {
  readonly files: readonly RuleFile[];
  readonly diagnostics: readonly Diagnostic[];
  /** Files and folders that were looked at: what to watch. */
  readonly paths: readonly string[];
}

/**
 * Reads the files; a folder gives its `*.yaml` and `*.yml`, sorted. What is not there is an error when the command
 * line asked for it and is passed over when the configuration did. Files to validate may have any name.
 */
export function readRuleFiles(
  asked: readonly string[],
  by: 'command-line' | 'configuration' | 'validation',
  disk: ConfigFiles,
): FoundRuleFiles {
  const files: RuleFile[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const path of asked) {
    const kind = disk.kindOf(path);
    if (kind === undefined) {
      if (by !== 'configuration')
        diagnostics.push(noRulesFile.at({}, path, 'there is no such file or folder'));
      continue;
    }
    const found = (kind === 'folder' ? disk.filesIn(path) : [path]).filter((name) => {
      const isTaken = isRuleFileName(name) || (by === 'validation' && kind === 'file');
      if (!isTaken && kind === 'file') {
        diagnostics.push(
          noRulesFile.at({}, path, 'its name does not end in .yaml or .yml, or has that twice'),
        );
      }
      return isTaken;
    });
    for (const name of found) {
      try {
        files.push({ name, text: disk.read(name) });
      } catch (error) {
        diagnostics.push(noRulesFile.at({}, name, error instanceof Error ? error.message : String(error)));
      }
    }
  }
  return { files, diagnostics, paths: asked.filter((path) => disk.kindOf(path) !== undefined) };
}

/** COMPAT: the ending is looked for where it first occurs in the path. */
function isRuleFileName(path: string): boolean {
  return ['.yaml', '.yml'].some(
    (ending) => path.includes(ending) && path.indexOf(ending) + ending.length === path.length,
  );
}
