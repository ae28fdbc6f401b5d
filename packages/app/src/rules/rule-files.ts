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
  /** Those of the asked that are there. */
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
  const paths: string[] = [];
  /** `undefined`: it was refused. */
  function attempt<T>(path: string, act: () => T): T | undefined {
    try {
      return act();
    } catch (error) {
      diagnostics.push(noRulesFile.at({}, path, error instanceof Error ? error.message : String(error)));
      return undefined;
    }
  }
  for (const path of asked) {
    const place = attempt(path, () => placeOf(path, disk));
    if (place === undefined) continue;
    const { kind, found } = place;
    if (kind !== undefined) paths.push(path);
    else if (by !== 'configuration')
      diagnostics.push(noRulesFile.at({}, path, 'there is no such file or folder'));
    for (const name of found) {
      if (isRuleFileName(name) || (by === 'validation' && kind === 'file')) {
        const text = attempt(name, () => disk.read(name));
        if (text !== undefined) files.push({ name, text });
      } else if (kind === 'file') {
        diagnostics.push(
          noRulesFile.at({}, path, 'its name does not end in .yaml or .yml, or has that twice'),
        );
      }
    }
  }
  return { files, diagnostics, paths };
}

/** What a path is, and the files that it stands for. */
function placeOf(
  path: string,
  disk: ConfigFiles,
): { readonly kind: 'file' | 'folder' | undefined; readonly found: readonly string[] } {
  const kind = disk.kindOf(path);
  if (kind === undefined) return { kind, found: [] };
  return { kind, found: kind === 'folder' ? disk.filesIn(path) : [path] };
}

/** COMPAT: the ending is looked for where it first occurs in the path. */
function isRuleFileName(path: string): boolean {
  return ['.yaml', '.yml'].some(
    (ending) => path.includes(ending) && path.indexOf(ending) + ending.length === path.length,
  );
}
