/** Starts the hub as a program: configuration, folder, first lines of the log. */

import { readFileSync } from 'node:fs';
import type { ConfigNode, Diagnostic } from '@peregrine/base';
import type { LoadedResponse, ResponseSetup } from '../response/load-response.ts';
import { versions } from '../versions.ts';
import type { Environment } from './config/environment.ts';
import type { HubConfig, ReadHubConfig } from './config/read-hub-config.ts';
import { type Hub, startHub } from './hub.ts';
import { type HubLog, hubLogLine } from './hub-log.ts';
import { loadHubConfig } from './load-hub-config.ts';
import { findStateFolder } from './state-folder.ts';
import { statsdTitles } from './statsd-titles.ts';
import { checkFiles } from './trust.ts';

export type { Hub };

export interface RunHubOptions {
  /** Path of a configuration, or one that was made; `undefined`: what the environment says. */
  readonly file: string | ConfigNode | undefined;
  readonly environment: Environment;
  /** Takes lines of the log. */
  readonly write: (text: string) => void;
  readonly onDiagnostics: (diagnostics: readonly Diagnostic[]) => Promise<void> | void;
  /** Alerts are handed over in this process: it listens only where the configuration or the environment has a port. */
  readonly isEmbedded?: boolean;
  /** There is the web interface, and what it takes, and nothing else. */
  readonly isUiOnly?: boolean;
}

/** `undefined` when the configuration cannot be used, which was told. Throws a `Fault` when it cannot start. */
export async function runHub(options: RunHubOptions): Promise<Hub | undefined> {
  const { file, environment, write, onDiagnostics } = options;
  const { config, diagnostics, response } = await load(file, environment);
  await onDiagnostics(diagnostics);
  if (config === undefined) return undefined;
  const isDebug = config.settings.debug;
  const log: HubLog = (level, message) => {
    if (level !== 'debug' || isDebug) write(hubLogLine(level, message, new Date()));
  };
  const { isEmbedded = false, isUiOnly = false } = options;
  log('info', `Falcosidekick${isUiOnly ? '-UI' : ''} version: ${versions.version} (Peregrine)`);
  const folder = findStateFolder(config.settings.journal.path, environment);
  if (folder.isTemporary) {
    log(
      'warning',
      `alerts are kept in \`${folder.path}\`, which may not outlive a restart: set \`journal.path\``,
    );
  }
  if (!isUiOnly) log('info', `Enabled Outputs: [${enabledTitles(config).join(' ')}]`);
  const listens = !isUiOnly && (!isEmbedded || config.isPortSet);
  return startHub({
    config,
    folder: folder.path,
    version: versions.version,
    environment,
    log,
    listens,
    isUiLater: isEmbedded,
    response,
  });
}

interface Loaded extends ReadHubConfig {
  /** `undefined`: nothing is done about alerts, or the rules for that cannot be used. */
  readonly response: ResponseSetup | undefined;
}

/** With the files that the configuration names. */
async function load(file: RunHubOptions['file'], environment: Environment): Promise<Loaded> {
  const read = (path: string): string => readFileSync(path, 'utf8');
  const { config, readable, diagnostics } = await loadHubConfig({ file, environment, read });
  const ofFiles = readable === undefined ? [] : checkFiles(readable);
  const response = await responseOf(readable, environment);
  const isUsable = ofFiles.length === 0 && response.diagnostics.every(({ severity }) => severity !== 'error');
  return {
    config: isUsable ? config : undefined,
    readable,
    diagnostics: [...diagnostics, ...ofFiles, ...response.diagnostics],
    response: response.setup,
  };
}

/** Where no rules are named, nothing of it is loaded. */
async function responseOf(config: HubConfig | undefined, environment: Environment): Promise<LoadedResponse> {
  if (config === undefined || config.settings.response.rulesfiles.length === 0)
    return { setup: undefined, diagnostics: [] };
  const { loadResponse } = await import('../response/load-response.ts');
  return loadResponse(config, environment);
}

/** Outputs that are on, and the daemons that are told what the hub counts. */
function enabledTitles({ outputs, settings }: HubConfig): readonly string[] {
  const daemons = (['statsd', 'dogstatsd'] as const).filter(
    (style) => settings[style].forwarder !== undefined,
  );
  return [...outputs.map(({ sink }) => sink.title), ...daemons.map((style) => statsdTitles[style])];
}

export function versionLine(): string {
  return `Falcosidekick version: ${versions.version} (Peregrine)\n`;
}

/** Titles of the outputs that are on; `undefined` when the configuration cannot be used. */
export async function checkHubConfig(
  file: string | undefined,
  environment: Environment,
): Promise<{ readonly diagnostics: readonly Diagnostic[]; readonly titles: readonly string[] | undefined }> {
  const { config, diagnostics } = await load(file, environment);
  return { diagnostics, titles: config && enabledTitles(config) };
}
