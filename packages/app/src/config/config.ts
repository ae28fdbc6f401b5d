/** The whole configuration: all keys there are, and what their values must satisfy together. */

import {
  type ConfigNode,
  type Diagnostic,
  type Infer,
  parseDuration,
  readTree,
  schema,
} from '@peregrine/base';
import { readContainerPlugin } from '../containers/container-settings.ts';
import { checkPlugins, unknownSources } from '../plugins/loaded-plugins.ts';
import { capabilityNumber } from '../privileges/capability-set.ts';
import { badRulesEntry, bothRulesKeys, cannotWork } from './diagnostics.ts';
import { enabledOutputs } from './enabled-outputs.ts';
import { alertKeys } from './keys/alerts.ts';
import { containerKeys, kubernetesUserKeys } from './keys/containers.ts';
import { engineKeys } from './keys/engine.ts';
import { loadingKeys } from './keys/loading.ts';
import { privilegeKeys } from './keys/privileges.ts';
import { serviceKeys } from './keys/service.ts';
import { storyKeys } from './keys/story.ts';
import { readOutputAdditions } from './output-additions.ts';

export const configSchema = schema({
  ...loadingKeys,
  ...engineKeys,
  ...containerKeys,
  ...kubernetesUserKeys,
  ...alertKeys,
  ...storyKeys,
  ...serviceKeys,
  ...privilegeKeys,
});
export type Config = Infer<typeof configSchema>;

/** Parts that the configuration can ask for and that this build has not. Each is told of once at start. */
const absentParts: readonly { readonly isAsked: (config: Config) => boolean; readonly note: string }[] = [
  {
    isAsked: (c) => c.engine.kind === 'replay' && (c.metrics.enabled || c.webserver.enabled),
    note: '`metrics` and `webserver` are for live detection, and do nothing in a replay',
  },
  {
    isAsked: (c) => c.engine.kind === 'replay' && c.capture.enabled,
    note: '`capture` is for live detection, and does nothing in a replay',
  },
  {
    isAsked: (c) => c.falco_libs.snaplen > 0,
    note: '`falco_libs.snaplen` is accepted, but 80 bytes of input and output are kept, whatever it says',
  },
  {
    isAsked: (c) => c.engine.kind === 'modern_ebpf' && c.engine.modern_ebpf.drop_failed_exit,
    note: '`engine.modern_ebpf.drop_failed_exit` is accepted, but system calls that failed are not left out',
  },
  {
    isAsked: (c) => c.log_level === 'trace',
    note: '`log_level: trace` is accepted, and the same as `debug`',
  },
];

export interface CheckedConfig {
  /** `undefined` when it cannot be used. */
  readonly config: Config | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** COMPAT: unknown keys and values of a wrong type are told of, and the default is taken. */
export function checkConfig(root: ConfigNode): CheckedConfig {
  const { value: config, diagnostics } = readTree(configSchema, root, 'warning');
  if (config === undefined) return { config, diagnostics };
  const all = [...diagnostics, ...contradictionsOf(config, root)];
  return { config: all.some(({ severity }) => severity === 'error') ? undefined : config, diagnostics: all };
}

/** What the user should know of keys that do nothing here. */
export function notesOn(config: Config): readonly string[] {
  return absentParts.filter(({ isAsked }) => isAsked(config)).map(({ note }) => note);
}

/** The kernel's rings are whole pages. */
const LEAST_BUFFER_BYTES = 4_096;
const LEAST_INTERVAL_MS = 100;

function contradictionsOf(config: Config, root: ConfigNode): readonly Diagnostic[] {
  const keys = root.kind === 'map' ? root.entries : new Map<string, ConfigNode>();
  const found: Diagnostic[] = [];
  const refuse = (key: string, why: string): void => {
    found.push(cannotWork.at({ span: keys.get(key)?.span }, why));
  };
  if (keys.has('rules_files') && keys.has('rules_file')) {
    found.push(bothRulesKeys.at({ span: keys.get('rules_file')?.span }));
  }
  for (const [i, { enable, disable }] of config.rules.entries()) {
    const isEmpty = [enable, disable].every((entry) => entry?.rule === undefined && entry?.tag === undefined);
    if (isEmpty) found.push(badRulesEntry.at({ span: keys.get('rules')?.span }, `rules[${i}]`));
  }
  if (config.engine.kind === 'replay' && config.engine.replay.capture_file === '') {
    refuse('engine', '`engine.kind` is `replay`, but `engine.replay.capture_file` is not set');
  }
  const { buf_size_bytes: bufferBytes } = config.engine.modern_ebpf;
  if (bufferBytes !== 0 && (bufferBytes < LEAST_BUFFER_BYTES || !Number.isInteger(Math.log2(bufferBytes)))) {
    refuse(
      'engine',
      `\`engine.modern_ebpf.buf_size_bytes\` is ${bufferBytes}, and must be a power of two from ${LEAST_BUFFER_BYTES} on`,
    );
  }
  const { actions } = config.syscall_event_drops;
  if (actions.includes('ignore') && actions.some((action) => action === 'log' || action === 'alert')) {
    refuse('syscall_event_drops', '`syscall_event_drops.actions` has `ignore` beside `log` or `alert`');
  }
  const serviceRefusal = refusalOfService(config);
  if (serviceRefusal !== undefined) refuse(...serviceRefusal);
  const noCapability = config.privileges.keep.find((name) => capabilityNumber(name) === undefined);
  if (noCapability !== undefined)
    refuse('privileges', `\`privileges.keep\` has \`${noCapability}\`, which is no capability`);
  if (config.privileges.user !== '' && !config.privileges.drop)
    refuse(
      'privileges',
      '`privileges.user` is set, and `privileges.drop` is off, which keeps the user as it is',
    );
  found.push(...readContainerPlugin(config).diagnostics);
  const [unknownSource] = unknownSources(config);
  if (unknownSource !== undefined) {
    const key = config.enabled_sources.includes(unknownSource) ? 'enabled_sources' : 'disabled_sources';
    refuse(key, `there is no source \`${unknownSource}\``);
  }
  found.push(...checkPlugins(config, { span: keys.get('plugins')?.span }));
  found.push(...readOutputAdditions(config.append_output).diagnostics);
  for (const { name, refusal } of enabledOutputs(config)) {
    if (refusal !== undefined) refuse(`${name}_output`, refusal);
  }
  return found;
}

/** Key and reason. */
function refusalOfService({ metrics, webserver }: Config): readonly [string, string] | undefined {
  // Not imported: `node:net` loads streams, 4 ms.
  if (webserver.enabled && process.getBuiltinModule('node:net').isIP(webserver.listen_address) === 0) {
    const why = `\`webserver.listen_address\` is \`${webserver.listen_address}\`, and must be an IP address`;
    return ['webserver', why];
  }
  if (webserver.enabled && !webserver.k8s_healthz_endpoint.startsWith('/')) {
    const why = `\`webserver.k8s_healthz_endpoint\` is \`${webserver.k8s_healthz_endpoint}\`, and must begin with a slash`;
    return ['webserver', why];
  }
  if (!metrics.enabled) return undefined;
  const intervalMs = parseDuration(metrics.interval);
  if (intervalMs === undefined || intervalMs < LEAST_INTERVAL_MS) {
    const why = `\`metrics.interval\` is \`${metrics.interval}\`, and must be a duration of at least ${LEAST_INTERVAL_MS}ms with its unit, such as \`15m\``;
    return ['metrics', why];
  }
  const isServed = webserver.enabled && webserver.prometheus_metrics_enabled;
  if (!metrics.output_rule && metrics.output_file === '' && !isServed) {
    return [
      'metrics',
      '`metrics` is enabled, and goes nowhere: set `output_rule`, `output_file`, or `webserver.prometheus_metrics_enabled`',
    ];
  }
  return undefined;
}
