/** What the rule language is told of the world: the sources that this program has, and the versions it claims. */

import { createJsonSource, createSyscallSource, type HostNames, type JsonEvent } from '@peregrine/fields';
import type { Catalogue, Source } from '@peregrine/lang';
import type { EventContext } from '@peregrine/state';
import type { Config } from '../config/config.ts';
import { knownPlugins } from '../plugins/known-plugins.ts';
import { builtInParts, pluginRoster } from '../plugins/roster.ts';
import { versions } from '../versions.ts';

/** Plugins of the reference whose fields and events are built in. */
export const builtInPlugins: readonly { readonly name: string; readonly version: string }[] = Object.freeze(
  [...builtInParts, ...pluginRoster].map(({ name, version }) => ({ name, version })),
);

/** Sources read events of different types, so that only a source's own rules may be given its events. */
export interface AppCatalogue extends Catalogue<never> {
  /** Events of the kernel, live or recorded. */
  readonly syscall: Source<EventContext>;
  /** Events of plugins, by the name of their source. */
  readonly json: ReadonlyMap<string, Source<JsonEvent>>;
}

export type CatalogueConfig = Pick<Config, 'static_fields'> &
  Partial<Pick<Config, 'plugins' | 'load_plugins'>>;

/** Rules of the other sources are left out. */
export function onlySource(catalogue: AppCatalogue, name: string): AppCatalogue {
  const names = catalogue.sources.map((source) => source.name);
  return {
    ...catalogue,
    sources: catalogue.sources.filter((source) => source.name === name),
    otherSources: names.filter((other) => other !== name),
  };
}

/** Without `hostNames`, no host name that a rule compares with has an address. */
export function createCatalogue(
  config: CatalogueConfig,
  hostNames?: HostNames,
  nodeName?: string,
): AppCatalogue {
  const syscall = createSyscallSource({
    staticFields: config.static_fields,
    nodeName,
    ...(hostNames === undefined ? {} : { hostNames }),
  });
  const plugins = knownPlugins(config);
  const json = new Map<string, Source<JsonEvent>>();
  // Where plugins share a source, they share its fields; events name the one that was loaded first.
  for (const { name: pluginName, source: name, fields } of plugins)
    if (!json.has(name)) json.set(name, createJsonSource({ name, pluginName, fields }));
  return {
    syscall,
    json,
    sources: [syscall, ...json.values()],
    engineVersion: versions.engineVersion,
    plugins: [...builtInParts, ...plugins].map(({ name, version }) => ({ name, version })),
  };
}
