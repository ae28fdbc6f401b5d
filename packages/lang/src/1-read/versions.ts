/** Versions that rules files require of the engine and of plugins. */

import type { Diagnostic } from '@peregrine/base';
import { engineTooOld, pluginNamedTwice, pluginVersionUnmet } from '../diagnostics/semantics.ts';
import {
  engineVersionUnreadable,
  itemNotAMapping,
  pluginVersionsNotASequence,
} from '../diagnostics/structure.ts';
import { type Context, contextOf, placeOf, type Report } from './context.ts';
import { decodeScalar, unsignedOf } from './decode.ts';
import type { PluginRequirement, PluginVersion } from './items.ts';
import { valueAt, type YamlMapping, type YamlNode } from './yaml-node.ts';

interface Version {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

function parseVersion(text: string): Version | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)(?:[-+].*)?$/.exec(text);
  return match ? { major: Number(match[1]), minor: Number(match[2]), patch: Number(match[3]) } : undefined;
}

/** Whether something of version `present` serves whoever needs `required`: same major version, not older. */
export function isCompatible(present: string, required: string): boolean {
  const have = parseVersion(present);
  const need = parseVersion(required);
  if (have === undefined || need === undefined || have.major !== need.major) return false;
  return have.minor === need.minor ? have.patch >= need.patch : have.minor > need.minor;
}

/** The required engine version as x.y.z, checked against the engine's own. */
export function readEngineVersion(
  item: YamlMapping,
  parent: Context,
  engineVersion: string,
  report: Report,
): string | undefined {
  const context = contextOf(parent, 'required_engine_version', '', item);
  const scalar = decodeScalar(item, 'required_engine_version', context, report);
  if (scalar === undefined) return undefined;
  const number = unsignedOf(scalar.value);
  const version = number === undefined ? scalar.value : `0.${number}.0`;
  const place = { ...placeOf(context), span: context.file.spanOf(scalar.start, scalar.end) };
  if (parseVersion(version) === undefined) {
    report.add(engineVersionUnreadable.at(place, version));
    return undefined;
  }
  if (!isCompatible(engineVersion, version)) report.add(engineTooOld.at(place, version, engineVersion));
  return version;
}

export function readPluginVersions(
  item: YamlMapping,
  parent: Context,
  report: Report,
): readonly PluginRequirement[] {
  const key = 'required_plugin_versions';
  const node = valueAt(item, key);
  if (node === undefined) return [];
  const context = contextOf(parent, 'required plugin versions', '', node);
  if (node.kind !== 'sequence') {
    report.add(pluginVersionsNotASequence.at(placeOf(context), key));
    return [];
  }
  return node.items.flatMap((entry) => readRequirement(entry, context, report) ?? []);
}

function readRequirement(entry: YamlNode, parent: Context, report: Report): PluginRequirement | undefined {
  const unnamed = contextOf(parent, 'required plugin versions entry', '', entry);
  const first = readPluginVersion(entry, unnamed, report);
  if (first === undefined || entry.kind !== 'mapping') return undefined;
  const context = { ...unnamed, name: first.name };
  const alternatives = [first];
  const others = valueAt(entry, 'alternatives');
  if (others !== undefined) {
    if (others.kind !== 'sequence') {
      report.add(pluginVersionsNotASequence.at(placeOf(context), 'alternatives'));
      return undefined;
    }
    for (const other of others.items) {
      const inner = contextOf(context, 'required plugin versions alternative', '', other);
      const alternative = readPluginVersion(other, inner, report);
      if (alternative === undefined) return undefined;
      if (alternatives.some(({ name }) => name === alternative.name)) {
        report.add(pluginNamedTwice.at(placeOf(context), alternative.name));
        return undefined;
      }
      alternatives.push(alternative);
    }
  }
  return { context, alternatives };
}

function readPluginVersion(node: YamlNode, context: Context, report: Report): PluginVersion | undefined {
  if (node.kind !== 'mapping') {
    report.add(itemNotAMapping.at(placeOf(context)));
    return undefined;
  }
  const name = decodeScalar(node, 'name', context, report);
  const version = name && decodeScalar(node, 'version', context, report);
  return name && version && { name: name.value, version: version.value };
}

/** What requirements the loaded plugins do not meet. */
export function checkPluginVersions(
  requirements: readonly PluginRequirement[],
  plugins: readonly PluginVersion[],
): readonly Diagnostic[] {
  return requirements.flatMap(({ alternatives, context }) => {
    for (const { name, version } of alternatives) {
      const present = plugins.find((plugin) => plugin.name === name);
      if (present === undefined) continue;
      if (isCompatible(present.version, version)) return [];
      return [
        pluginVersionUnmet.at(placeOf(context), `${name} (>= ${version})`, `${name} ${present.version}`),
      ];
    }
    const wanted = alternatives.map(({ name, version }) => `${name} (>= ${version})`).join(' or ');
    return [pluginVersionUnmet.at(placeOf(context), wanted, undefined)];
  });
}
