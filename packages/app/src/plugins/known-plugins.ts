/** The plugins that a configuration can mean: those that come along, and modules of the user's that it names. */

import type { Config } from '../config/config.ts';
import { loadPluginModule } from './plugin-module.ts';
import { pluginRoster } from './roster.ts';
import type { SourcePlugin } from './source-plugin.ts';

export type PluginParts = Partial<Pick<Config, 'plugins' | 'load_plugins'>>;

/** Entries of `plugins` that `load_plugins` names; all, where that is not set. */
export function loadedEntries({ plugins = [], load_plugins: loaded }: PluginParts): Config['plugins'] {
  return loaded === undefined ? plugins : plugins.filter(({ name }) => loaded.includes(name));
}

/** Those that are loaded come first. Modules that cannot be used are left out: `checkPlugins` tells of them. */
export function knownPlugins(config: PluginParts): readonly SourcePlugin[] {
  const loaded = loadedEntries(config).flatMap((entry) => pluginOf(entry) ?? []);
  return [...new Set([...loaded, ...pluginRoster])];
}

export function pluginOf({
  name,
  library_path: path,
}: Pick<Config['plugins'][number], 'name' | 'library_path'>): SourcePlugin | undefined {
  const known = pluginRoster.find((candidate) => candidate.name === name);
  if (known !== undefined || !isModulePath(path)) return known;
  const module = loadPluginModule(path);
  return typeof module === 'string' ? undefined : module;
}

/** JavaScript, or TypeScript whose types can be stripped. */
export function isModulePath(path: string): boolean {
  return /^\/.*\.(mjs|js|mts|ts)$/.test(path);
}
