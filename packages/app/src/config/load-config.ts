/** Configuration from disk and command line: main file, included files, overrides; checked at the end. */

import { type ConfigNode, type Diagnostic, type MapNode, mapNode, scalarNode } from '@peregrine/base';
import { type CheckedConfig, checkConfig } from './config.ts';
import { badOverride, includesItself, nestedConfigFiles, notAMap, unreadable } from './diagnostics.ts';
import { expandEnvironment } from './expand-environment.ts';
import { parseKeyPath, type Step, setAt } from './key-path.ts';
import { type MergeStrategy, merge, strategyOf } from './merge.ts';

/** The part of the disk that configuration needs. */
export interface ConfigFiles {
  /** Throws when the file cannot be read. */
  read(path: string): string;
  /** `undefined`: nothing is there. */
  kindOf(path: string): 'file' | 'folder' | undefined;
  /** Paths of the regular files in a folder, sorted by name. */
  filesIn(folder: string): readonly string[];
  /** One name for one file, however it is spelt. */
  realPath(path: string): string;
}

export interface ConfigRequest {
  /** What holds when no main file is given. */
  readonly defaults?: MapNode;
  /** Main file; `undefined` for defaults and overrides alone. */
  readonly file: string | undefined;
  /** `key=value`, in order. */
  readonly overrides: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly files: ConfigFiles;
}

export interface LoadedConfig extends CheckedConfig {
  readonly root: MapNode;
  /** Files that were read and folders that were looked through. */
  readonly paths: readonly string[];
}

export async function loadConfig(request: ConfigRequest): Promise<LoadedConfig> {
  const diagnostics: Diagnostic[] = [];
  const paths: string[] = [];
  const overrides = await readOverrides(request, diagnostics);

  let root: MapNode = (request.file === undefined ? request.defaults : undefined) ?? mapNode();
  if (request.file !== undefined) {
    paths.push(request.file);
    root = (await readFile(request, request.file, diagnostics)) ?? root;
    const early = overrides.filter(
      ({ steps: [first] }) => first?.kind === 'key' && first.name === 'config_files',
    );
    root = applied(root, early, diagnostics);
    for (const { path, strategy } of inclusionsOf(root)) {
      for (const file of foundIn(request, path, paths, diagnostics)) {
        const included = await readFile(request, file, diagnostics);
        if (included?.entries.has('config_files')) diagnostics.push(nestedConfigFiles.at(included, file));
        else if (included !== undefined) root = merge(root, included, strategy);
      }
    }
  }
  root = applied(root, overrides, diagnostics);

  const checked = checkConfig(root);
  const all = [...diagnostics, ...checked.diagnostics];
  const isUsable = !all.some(({ severity }) => severity === 'error');
  return { config: isUsable ? checked.config : undefined, diagnostics: all, root, paths };
}

interface Override {
  readonly text: string;
  readonly steps: readonly Step[];
  readonly value: ConfigNode;
}

async function readOverrides(
  request: ConfigRequest,
  diagnostics: Diagnostic[],
): Promise<readonly Override[]> {
  const overrides: Override[] = [];
  for (const text of request.overrides) {
    const at = text.indexOf('=');
    const steps = at < 0 ? 'there is no `=`' : parseKeyPath(text.slice(0, at).trim());
    if (typeof steps === 'string') {
      diagnostics.push(badOverride.at({}, text, steps));
      continue;
    }
    const written = text.slice(at + 1);
    const isTree = written.startsWith('{') && written.endsWith('}');
    const value = isTree ? await readYaml(request, `-o ${text}`, written, diagnostics) : scalarNode(written);
    if (value !== undefined) overrides.push({ text, steps, value });
  }
  return overrides;
}

function applied(root: MapNode, overrides: readonly Override[], diagnostics: Diagnostic[]): MapNode {
  let changed = root;
  for (const { text, steps, value } of overrides) {
    const next = setAt(changed, steps, value);
    if (typeof next === 'string') diagnostics.push(badOverride.at({}, text, next));
    else if (next.kind === 'map') changed = next;
  }
  return changed;
}

function inclusionsOf(root: MapNode): readonly { readonly path: string; readonly strategy: MergeStrategy }[] {
  const node = root.entries.get('config_files');
  const items = node?.kind === 'list' ? node.items : node?.kind === 'scalar' && !node.isNull ? [node] : [];
  return items.flatMap((item) => {
    if (item.kind === 'scalar') return item.isNull ? [] : [{ path: item.text, strategy: 'append' as const }];
    if (item.kind !== 'map') return [];
    const path = item.entries.get('path');
    const strategy = item.entries.get('strategy');
    if (path?.kind !== 'scalar') return [];
    return [
      { path: path.text, strategy: strategyOf(strategy?.kind === 'scalar' ? strategy.text : 'append') },
    ];
  });
}

function foundIn(
  request: ConfigRequest,
  path: string,
  paths: string[],
  diagnostics: Diagnostic[],
): readonly string[] {
  try {
    return expandInclusion(request, path, paths, diagnostics);
  } catch (error) {
    diagnostics.push(unreadable.at({}, path, error instanceof Error ? error.message : String(error)));
    return [];
  }
}

/** COMPAT: what is not there is passed over; a folder gives its files, whatever they are called. */
function expandInclusion(
  { files, file: main }: ConfigRequest,
  path: string,
  paths: string[],
  diagnostics: Diagnostic[],
): readonly string[] {
  const kind = files.kindOf(path);
  if (kind === undefined) return [];
  paths.push(path);
  const found = kind === 'folder' ? files.filesIn(path) : [path];
  return found.filter((file) => {
    const isMain = main !== undefined && files.realPath(file) === files.realPath(main);
    if (isMain) diagnostics.push(includesItself.at({}, file));
    return !isMain;
  });
}

async function readFile(
  request: ConfigRequest,
  file: string,
  diagnostics: Diagnostic[],
): Promise<MapNode | undefined> {
  let written: string;
  try {
    written = request.files.read(file);
  } catch (error) {
    diagnostics.push(unreadable.at({}, file, error instanceof Error ? error.message : String(error)));
    return undefined;
  }
  const root = await readYaml(request, file, written, diagnostics);
  if (root === undefined || root.kind === 'map') return root;
  if (root.kind === 'scalar' && root.isNull) return mapNode();
  diagnostics.push(notAMap.at({ span: root.span }, file));
  return undefined;
}

/** The YAML library is loaded only when there is YAML. */
async function readYaml(
  { environment }: ConfigRequest,
  name: string,
  written: string,
  diagnostics: Diagnostic[],
): Promise<ConfigNode | undefined> {
  const { readYamlTree } = await import('./read-yaml.ts');
  const tree = readYamlTree(name, written, (text) => expandEnvironment(text, environment));
  diagnostics.push(...tree.diagnostics);
  return tree.root;
}
