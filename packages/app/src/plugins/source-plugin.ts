/**
 * A source of events beside the kernel, as `plugins` names it: where its events come from, and what fields rules have for
 * them. Those that come along are in the roster; others are modules that `library_path` names.
 */

import { type ConfigNode, type Diagnostic, mapNode, readTree, type ValueSchema } from '@peregrine/base';
import type { JsonField } from '@peregrine/fields';
import type { Feed, Tell } from '@peregrine/sources/feeds';
import { readYamlTree } from '../config/read-yaml.ts';

export type { JsonField } from '@peregrine/fields';
export type { Batch, FedEvent, Feed, Tell } from '@peregrine/sources/feeds';

export interface OpenContext<S> {
  /** What `init_config` says. */
  readonly settings: S;
  /** What `open_params` says. */
  readonly openParams: string;
  readonly tell: Tell;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface SourcePluginDeclaration<S> {
  /** As `plugins` and `load_plugins` name it. */
  readonly name: string;
  readonly version: string;
  /** What rules name as their `source`. Several plugins may feed one source, of which the first that is loaded does. */
  readonly source: string;
  readonly doc: string;
  /** Fields of its events, besides those that every JSON event has (`evt.time`, `json.value`...). */
  readonly fields: Readonly<Record<string, JsonField>>;
  readonly settings: ValueSchema<S>;
  /** What `open_params` may be. */
  readonly openForms: readonly { readonly form: string; readonly doc: string }[];
  /** Where its web server listens when `open_params` names no port, or no path. Absent: it has none. */
  readonly web?: { readonly port: number; readonly path: string };
  /** Rules that come along for the source, for when none are named. */
  readonly rules?: string;
  /** Throws a `Fault` when it cannot be opened. What it needs is imported here, so that an unused plugin costs nothing. */
  readonly open: (context: OpenContext<S>) => Promise<Feed>;
}

export interface SourcePlugin extends Omit<SourcePluginDeclaration<unknown>, 'open' | 'settings'> {
  readonly settings: ValueSchema<unknown>;
  /** What is wrong with an `init_config`. */
  readonly check: (initConfig: ConfigNode | undefined) => readonly Diagnostic[];
  readonly open: (
    initConfig: ConfigNode | undefined,
    context: Omit<OpenContext<unknown>, 'settings'>,
  ) => Promise<Feed>;
}

export function defineSourcePlugin<S>(declaration: SourcePluginDeclaration<S>): SourcePlugin {
  const { settings, open } = declaration;
  const read = (initConfig: ConfigNode | undefined) => readInitConfig(declaration.name, settings, initConfig);
  return Object.freeze({
    ...declaration,
    check: (initConfig: ConfigNode | undefined) => read(initConfig).diagnostics,
    open: (initConfig: ConfigNode | undefined, context: Omit<OpenContext<unknown>, 'settings'>) => {
      const { value } = read(initConfig);
      if (value === undefined) throw new Error(`the settings of ${declaration.name} were not checked`);
      return open({ ...context, settings: value });
    },
  });
}

/** A map, or the same as text of JSON or YAML. */
export function readInitConfig<S>(
  plugin: string,
  settings: ValueSchema<S>,
  node: ConfigNode | undefined,
): { readonly value: S | undefined; readonly diagnostics: readonly Diagnostic[] } {
  if (node === undefined || node.kind !== 'scalar') return readTree(settings, node ?? mapNode(), 'warning');
  if (node.isNull || node.text === '') return readTree(settings, mapNode(), 'warning');
  const { root = mapNode(), diagnostics } = readYamlTree(
    `plugins.${plugin}.init_config`,
    node.text,
    (text) => text,
  );
  const read = readTree(settings, root, 'warning');
  return { value: read.value, diagnostics: [...diagnostics, ...read.diagnostics] };
}
