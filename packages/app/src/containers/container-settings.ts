/** How containers are asked about, from the two places where a configuration may say so. */

import { type ConfigNode, type Diagnostic, type Infer, mapNode, readTree } from '@peregrine/base';
import type { HoldLimits } from '@peregrine/engine';
import type { RuntimeSettings } from '@peregrine/sources/containers';
import type { Config } from '../config/config.ts';
import { containerPluginSchema } from '../config/keys/containers.ts';
import { readYamlTree } from '../config/read-yaml.ts';

const PLUGIN = 'container';

type Plugin = Infer<typeof containerPluginSchema>;
type Parts = Pick<Config, 'container_engines' | 'plugins' | 'load_plugins'>;

export interface ReadPlugin {
  /** `undefined` when there is none. */
  readonly plugin: Plugin | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** The container plugin's own settings, where the configuration loads it. */
export function readContainerPlugin({ plugins, load_plugins: loaded }: Parts): ReadPlugin {
  const found = plugins.find(({ name }) => name === PLUGIN);
  if (found?.init_config === undefined || loaded?.includes(PLUGIN) === false)
    return { plugin: undefined, diagnostics: [] };
  const { root, diagnostics } = treeOf(found.init_config);
  const read = readTree(containerPluginSchema, root, 'warning');
  return { plugin: read.value, diagnostics: [...diagnostics, ...read.diagnostics] };
}

/** A map, or the same as JSON text. */
function treeOf(node: ConfigNode): {
  readonly root: ConfigNode;
  readonly diagnostics: readonly Diagnostic[];
} {
  if (node.kind !== 'scalar' || node.isNull || node.text === '')
    return { root: node.kind === 'scalar' ? mapNode() : node, diagnostics: [] };
  const { root = mapNode(), diagnostics } = readYamlTree(
    `plugins.${PLUGIN}.init_config`,
    node.text,
    (text) => text,
  );
  return { root, diagnostics };
}

/** `hostRoot`: where the host's files are seen, `''` for where they are. */
export function runtimeSettings(config: Parts, hostRoot: string): RuntimeSettings {
  const {
    docker,
    podman,
    cri,
    containerd,
    label_max_len: labelBytes,
    retry_s: retrySeconds,
  } = config.container_engines;
  const { plugin } = readContainerPlugin(config);
  const engines = plugin?.engines;
  return {
    sockets: {
      docker: socketsOf(docker, engines?.docker),
      podman: socketsOf(podman, engines?.podman),
      cri: socketsOf(cri, engines?.cri),
      containerd: socketsOf(containerd, engines?.containerd),
    },
    hostRoot,
    bounds: { labelBytes: plugin?.label_max_len ?? labelBytes },
    retryMs: retrySeconds * 1_000,
  };
}

interface Engine {
  readonly enabled: boolean;
  readonly sockets?: readonly string[] | undefined;
}

function socketsOf(own: Engine, ofPlugin: Engine | undefined): readonly string[] {
  if (ofPlugin?.enabled === false || (ofPlugin === undefined && !own.enabled)) return [];
  return ofPlugin?.sockets ?? own.sockets ?? [];
}

export function holdLimits({ container_engines: { wait_ms, wait_capacity } }: Parts): HoldLimits {
  return { mostMs: wait_ms, capacity: wait_capacity };
}
