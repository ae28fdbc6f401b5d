/** Sections of the hub's configuration that actions and stores of files read: where clouds are, and who we are there. */

import { actionRoster, artifactStores } from '@peregrine/actions';
import {
  type ConfigNode,
  type Diagnostic,
  type Keys,
  type MapNode,
  mapNode,
  schema,
  unknownKey,
} from '@peregrine/base';
import { sinkRoster, tidySection } from '@peregrine/outputs/hub';
import { type Environment, withEnvironment } from '../hub/config/environment.ts';
import { entryOf } from '../hub/config/read-hub-config.ts';

export interface ReadSections {
  /** Values by the name of the section; empty for a name that nobody reads. */
  readonly settings: (section: string) => Readonly<Record<string, unknown>>;
  readonly diagnostics: readonly Diagnostic[];
}

export function readResponseSections(root: MapNode, environment: Environment): ReadSections {
  const diagnostics: Diagnostic[] = [];
  // COMPAT: unknown keys are no reason not to start.
  const report = (found: Diagnostic): void => {
    diagnostics.push(found.code === unknownKey.code ? { ...found, severity: 'warning' } : found);
  };
  const values = new Map<string, Readonly<Record<string, unknown>>>();
  for (const [section, keys] of keysBySection()) {
    const written = entryOf(root, section);
    const isShared = sinkRoster.some(({ shared }) => shared?.name === section);
    const own = isShared ? ownPart(written, keys) : written;
    const node = withEnvironment(keys, own, section, environment, report);
    const read = schema(keys).read(tidySection(keys, node), section, { report, shapeSeverity: 'error' });
    if (read !== undefined) values.set(section, read.value);
  }
  return { settings: (section) => values.get(section) ?? {}, diagnostics };
}

/** Several read one section, each with keys of its own. */
function keysBySection(): ReadonlyMap<string, Keys> {
  const found = new Map<string, Keys>();
  for (const { settings } of [...actionRoster, ...artifactStores])
    if (settings !== undefined)
      found.set(settings.section, { ...found.get(settings.section), ...settings.schema.keys });
  return found;
}

/** The rest of a section is that of outputs, which check it. */
function ownPart(node: ConfigNode | undefined, keys: Keys): ConfigNode | undefined {
  if (node?.kind !== 'map') return node;
  const own = [...node.entries].filter(([name]) => Object.hasOwn(keys, name.toLowerCase()));
  return mapNode(own, node.span);
}
