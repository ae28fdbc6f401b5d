/** The hub's configuration from a file and the environment. */

import { type ConfigNode, type Diagnostic, mapNode } from '@peregrine/base';
import { notAMap, unreadable } from '../config/diagnostics.ts';
import { expandEnvironment } from '../config/expand-environment.ts';
import { repeatedKey } from './config/diagnostics.ts';
import type { Environment } from './config/environment.ts';
import { type ReadHubConfig, readHubConfig } from './config/read-hub-config.ts';

export interface HubConfigRequest {
  /** `undefined`: what the environment says, and defaults. A tree is one that was made instead of written. */
  readonly file: string | ConfigNode | undefined;
  readonly environment: Environment;
  /** Throws when the file cannot be read. */
  readonly read: (path: string) => string;
}

export async function loadHubConfig({
  file,
  environment,
  read: readText,
}: HubConfigRequest): Promise<ReadHubConfig> {
  if (typeof file !== 'string') return readHubConfig(file ?? mapNode(), environment);
  let text: string;
  try {
    text = readText(file);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { config: undefined, readable: undefined, diagnostics: [unreadable.at({}, file, reason)] };
  }
  const { readYamlTree } = await import('../config/read-yaml.ts');
  const tree = readYamlTree(file, text, (written) => expandEnvironment(written, environment));
  const root = mapOf(tree.root, file);
  if (root === undefined || 'code' in root || tree.diagnostics.length > 0) {
    const own = root !== undefined && 'code' in root ? [root] : [];
    return { config: undefined, readable: undefined, diagnostics: [...tree.diagnostics, ...own] };
  }
  const read = readHubConfig(root, environment);
  const repeated = tree.repeats.map(({ name, span }) => repeatedKey.at({ span }, name));
  if (repeated.length === 0) return read;
  return { ...read, config: undefined, diagnostics: [...repeated, ...read.diagnostics] };
}

function mapOf(root: ConfigNode | undefined, file: string): ConfigNode | Diagnostic | undefined {
  if (root === undefined || root.kind === 'map') return root;
  return root.kind === 'scalar' && root.isNull ? mapNode() : notAMap.at({ span: root.span }, file);
}
