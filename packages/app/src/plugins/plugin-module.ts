/**
 * A plugin that a user wrote: a module whose export `plugin` says what it is. It runs with the rights of this program, as
 * the libraries of the reference do, and is loaded only from the path that the configuration names.
 */

import { createRequire } from 'node:module';
import { type ConfigNode, documentIn, type JsonDocument, objectIn, plainOf, tree } from '@peregrine/base';
import type { JsonField } from '@peregrine/fields';
import type { GivenEvent, Tell } from '@peregrine/sources/feeds';
import { defineSourcePlugin, type SourcePlugin } from './source-plugin.ts';

/** Reads one field: text, a list of texts, or nothing. */
export interface PluginField {
  readonly doc: string;
  /** `none` unless stated: whether the field takes a key or an index between brackets. */
  readonly argument?: JsonField['argument'];
  readonly isList?: boolean;
  readonly read: (
    event: JsonDocument,
    argument: string | undefined,
  ) => string | readonly string[] | undefined;
}

export interface PluginModule {
  readonly name: string;
  readonly version: string;
  /** What rules name as their `source`. */
  readonly source: string;
  readonly doc: string;
  readonly fields?: Readonly<Record<string, PluginField>>;
  /** Gives batches of events, for as long as there are any. Asked for the next when there is room for it. */
  readonly open: (context: {
    /** What `init_config` says. */
    readonly settings: unknown;
    readonly openParams: string;
    readonly tell: Tell;
    /** Aborted when the source is to end. */
    readonly signal: AbortSignal;
  }) => AsyncIterable<PluginBatch>;
}

export interface PluginBatch {
  readonly events: readonly GivenEvent[];
  /** Called when the alerts of the batch are out. */
  readonly done?: () => void;
}

/** What is wrong with the module, as text. */
export function loadPluginModule(path: string): SourcePlugin | string {
  let exported: unknown;
  try {
    exported = createRequire(import.meta.url)(path);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const plugin = objectIn(objectIn(exported)?.plugin);
  if (plugin === undefined) return 'it has no export called `plugin`';
  const missing = ['name', 'version', 'source', 'doc'].find((key) => typeof plugin[key] !== 'string');
  if (missing !== undefined) return `its \`plugin.${missing}\` is no text`;
  if (typeof plugin.open !== 'function') return 'its `plugin.open` is no function';
  const badField = Object.entries(objectIn(plugin.fields) ?? {}).find(
    ([name, field]) => !/^[a-z]\w*(\.\w+)+$/.test(name) || typeof objectIn(field)?.read !== 'function',
  );
  if (badField !== undefined)
    return `its field \`${badField[0]}\` has no function \`read\`, or a name without a dot`;
  return pluginFrom(plugin as unknown as PluginModule); // What its members are was looked at above.
}

function pluginFrom(module: PluginModule): SourcePlugin {
  return defineSourcePlugin<ConfigNode | undefined>({
    name: module.name,
    version: module.version,
    source: module.source,
    doc: module.doc,
    fields: Object.fromEntries(
      Object.entries(module.fields ?? {}).map(([name, field]) => [name, jsonFieldFrom(field)]),
    ),
    settings: tree({ doc: 'Settings of its own.', type: 'whatever it takes' }),
    openForms: [],
    open: async ({ settings, openParams, tell }) => {
      const { documentNamed, GeneratorFeed } = await import('@peregrine/sources/feeds');
      const plain = settings === undefined ? undefined : plainOf(settings);
      return new GeneratorFeed({
        title: `${module.name} ${openParams}`.trim(),
        batches: (signal) => module.open({ settings: plain, openParams, tell, signal }),
        tell,
        nameOf: documentNamed,
      });
    },
  });
}

function jsonFieldFrom({ doc, argument = 'none', isList = false, read }: PluginField): JsonField {
  return {
    doc,
    argument,
    isList,
    isDeprecated: false,
    examples: [],
    bind: (reader, given) => {
      const whole = reader.slot([]);
      return ({ document }) => read(documentIn(reader.value(document, whole)) ?? {}, given);
    },
  };
}
