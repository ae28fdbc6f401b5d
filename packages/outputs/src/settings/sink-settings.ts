/** An output's section of the configuration, read: whether the output is on, and what it works with. */

import {
  type ConfigNode,
  type Diagnostic,
  defineDiagnostic,
  type Keys,
  type ObjectOf,
  type ObjectSchema,
  schema,
} from '@peregrine/base';
import type { Sink, SinkConfig } from '../sink.ts';
import { type CommonSettings, commonKeysOf, commonSettings } from './common-keys.ts';
import { tidySection } from './tidy-section.ts';

export const cannotWork = defineDiagnostic({
  code: 'output-cannot-work',
  doc: 'The settings of an output cannot work together.',
  message: (path: string, why: string) => `\`${path}\` ${why}`,
});

export const halfEnabled = defineDiagnostic({
  code: 'output-half-enabled',
  doc: 'An output is on when several keys are set, and only some of them are.',
  message: (path: string, others: readonly string[]) =>
    `\`${path}\` is not set, and the output needs it beside ${others.map((other) => `\`${other}\``).join(', ')}`,
  hint: () => 'set all of them, or none to leave the output off',
});

export const outputDiagnostics = [cannotWork, halfEnabled] as const;

/** An output that is on. */
export interface SinkSettings {
  readonly sink: Sink;
  /** The sink's name; of several destinations of one sink, with a label: `alertmanager http://b:9093`. */
  readonly id: string;
  readonly config: SinkConfig<Keys, Keys>;
  readonly common: CommonSettings;
}

export interface ReadSection {
  /** `undefined`: the output is off, or its settings cannot be used. */
  readonly settings: SinkSettings | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Every key of an output's section, the common ones last. */
export function sectionSchemaOf(sink: Sink): ObjectSchema<Keys> {
  return schema(
    { ...sink.config.keys, ...missingFrom(sink.config.keys, commonKeysOf(sink)) },
    { doc: sink.doc },
  );
}

/** `section` and `shared` are the nodes of the section and of the shared one; sub-sections of others are not in them. */
export function readSection(sink: Sink, section: ConfigNode | undefined, shared?: ConfigNode): ReadSection {
  const of = sectionSchemaOf(sink);
  const node = tidySection(of.keys, section);
  const found: Diagnostic[] = [];
  const report = (diagnostic: Diagnostic): void => {
    found.push(diagnostic);
  };
  const isOn = sink.enabledBy.every((key) => isSet(node, key) || hasDefault(sink, key));
  const half = isOn ? undefined : halfOn(sink, node);
  if (half !== undefined) found.push(half);
  const own = of.read(node, sink.name, { report, shapeSeverity: 'error' });
  const sharedFound = readShared(sink, shared, report);
  if (!isOn) {
    // What must be set must be set only where it is used.
    return { settings: undefined, diagnostics: found.filter(({ code }) => code !== 'missing-key') };
  }
  if (own === undefined || sharedFound === undefined) return { settings: undefined, diagnostics: found };
  // Both were read with the sink's own schemas, which is what `SinkConfig` says.
  const config = { ...own.value, shared: sharedFound } as SinkConfig<Keys, Keys>;
  if (sink.retired !== undefined) found.push(cannotWork.at({ span: node.span }, sink.name, sink.retired));
  const refusals = sink.refuses?.(config) ?? [];
  found.push(
    ...refusals.map(({ key, why }) => cannotWork.at({ span: spanOf(node, key) }, `${sink.name}.${key}`, why)),
  );
  const isUsable = !found.some(({ severity }) => severity === 'error');
  return {
    settings: isUsable ? { sink, id: sink.name, config, common: commonSettings(sink, own.value) } : undefined,
    diagnostics: found,
  };
}

/** One for each destination. */
export function splitSettings(settings: SinkSettings): readonly SinkSettings[] {
  const parts = settings.sink.split?.(settings.config) ?? [];
  if (parts.length < 2) return [settings];
  return parts.map(({ label, config }) => ({ ...settings, id: `${settings.sink.name} ${label}`, config }));
}

function readShared(
  sink: Sink,
  shared: ConfigNode | undefined,
  report: (diagnostic: Diagnostic) => void,
): ObjectOf<Keys> | undefined {
  if (sink.shared === undefined) return {};
  const node = tidySection(sink.shared.config.keys, shared);
  return sink.shared.config.read(node, sink.shared.name, { report, shapeSeverity: 'error' })?.value;
}

function halfOn(sink: Sink, node: ConfigNode): Diagnostic | undefined {
  const set = sink.enabledBy.filter((key) => isSet(node, key) && !hasDefault(sink, key));
  const unset = sink.enabledBy.find((key) => !isSet(node, key) && !hasDefault(sink, key));
  if (set.length === 0 || unset === undefined) return undefined;
  return halfEnabled.at(
    { span: node.span },
    `${sink.name}.${unset}`,
    set.map((key) => `${sink.name}.${key}`),
  );
}

/** Whether the key works without being written. */
function hasDefault(sink: Sink, key: string): boolean {
  const value = sink.config.keys[key]?.fallback?.value;
  return typeof value === 'string' ? value !== '' : typeof value === 'number' || value === true;
}

function isSet(node: ConfigNode, key: string): boolean {
  const child = node.kind === 'map' ? node.entries.get(key) : undefined;
  if (child === undefined) return false;
  if (child.kind === 'list') return child.items.length > 0;
  if (child.kind === 'map') return child.entries.size > 0;
  return !child.isNull && child.text.trim() !== '' && !/^(?:n|no|false|off)$/i.test(child.text);
}

function spanOf(node: ConfigNode, key: string): ConfigNode['span'] {
  return (node.kind === 'map' ? node.entries.get(key)?.span : undefined) ?? node.span;
}

function missingFrom(keys: Keys, common: Keys): Keys {
  return Object.fromEntries(Object.entries(common).filter(([name]) => !Object.hasOwn(keys, name)));
}
