/** Which plugins a configuration loads, and which of them give events. */

import { type ConfigNode, type Diagnostic, nearestName, type Place } from '@peregrine/base';
import type { Config } from '../config/config.ts';
import { badPlugin, unknownPlugin } from '../config/diagnostics.ts';
import { isModulePath, knownPlugins, loadedEntries, type PluginParts, pluginOf } from './known-plugins.ts';
import { loadPluginModule } from './plugin-module.ts';
import { builtInParts, pluginRoster } from './roster.ts';
import type { SourcePlugin } from './source-plugin.ts';

/** A plugin whose events are to be read. */
export interface WantedFeed {
  readonly plugin: SourcePlugin;
  readonly initConfig: ConfigNode | undefined;
  readonly openParams: string;
}

export type SourceParts = PluginParts & Pick<Config, 'enabled_sources' | 'disabled_sources'>;

export function isSourceOn(
  { enabled_sources: enabled, disabled_sources: disabled }: SourceParts,
  source: string,
): boolean {
  return !disabled.includes(source) && (enabled.length === 0 || enabled.includes(source));
}

/** Whether events of the kernel are wanted. */
export function isKernelWanted(config: SourceParts & Pick<Config, 'engine'>): boolean {
  return config.engine.kind !== 'nodriver' && isSourceOn(config, 'syscall');
}

/** One for each source, as the first plugin that feeds it does. */
export function wantedFeeds(config: SourceParts): readonly WantedFeed[] {
  const wanted = new Map<string, WantedFeed>();
  for (const entry of loadedEntries(config)) {
    const plugin = pluginOf(entry);
    const { init_config: initConfig, open_params: openParams } = entry;
    if (plugin === undefined || wanted.has(plugin.source)) continue;
    // One that comes along gives fields only, unless it is told where its events are.
    if (openParams === '' && pluginRoster.includes(plugin)) continue;
    if (!isSourceOn(config, plugin.source)) continue;
    wanted.set(plugin.source, { plugin, initConfig, openParams });
  }
  return [...wanted.values()];
}

/** Names among the sources that are switched which no plugin gives. */
export function unknownSources(config: SourceParts): readonly string[] {
  const known = ['syscall', ...knownPlugins(config).map(({ source }) => source)];
  return [...config.enabled_sources, ...config.disabled_sources].filter((name) => !known.includes(name));
}

/** What is wrong with the plugins that are loaded. */
export function checkPlugins(config: PluginParts, at: Place): readonly Diagnostic[] {
  const known = [...pluginRoster, ...builtInParts].map(({ name }) => name);
  return loadedEntries(config).flatMap(({ name, library_path: path, init_config: initConfig }) => {
    if (builtInParts.some((part) => part.name === name)) return [];
    if (!known.includes(name) && !isModulePath(path))
      return [unknownPlugin.at(at, name, path, nearestName(name, known))];
    const plugin = pluginRoster.find((candidate) => candidate.name === name) ?? loadPluginModule(path);
    return typeof plugin === 'string' ? [badPlugin.at(at, name, path, plugin)] : plugin.check(initConfig);
  });
}

/** Settings as they are compared: a source is opened anew when its own have changed. */
export function identityOf({ plugin, initConfig, openParams }: WantedFeed): string {
  return JSON.stringify([plugin.name, withoutSpans(initConfig), openParams]);
}

function withoutSpans(node: ConfigNode | undefined): unknown {
  if (node === undefined) return null;
  if (node.kind === 'scalar') return node.text;
  if (node.kind === 'list') return node.items.map(withoutSpans);
  return [...node.entries].map(([key, value]) => [key, withoutSpans(value)]);
}

/** Sources that this configuration reads events of, besides system calls. */
export function fedSources(config: SourceParts): readonly string[] {
  return wantedFeeds(config).map(({ plugin }) => plugin.source);
}

/** Sources of JSON events that can be read, whether they are set up or not. */
export function jsonSources(config: PluginParts): readonly string[] {
  return [...new Set(knownPlugins(config).map(({ source }) => source))];
}
