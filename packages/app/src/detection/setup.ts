/** Everything that detection is started with, read from disk and command line: plain data that threads can share. */

import { join } from 'node:path';
import { type Diagnostic, type MapNode, scalarNode } from '@peregrine/base';
import type { Config } from '../config/config.ts';
import { disk as realDisk } from '../config/disk.ts';
import { type ConfigFiles, type LoadedConfig, loadConfig } from '../config/load-config.ts';
import { fedSources } from '../plugins/loaded-plugins.ts';
import { rulesOfSources } from '../plugins/roster.ts';
import { ObservedDisk } from '../reload/observed-disk.ts';
import { type RuleFile, readRuleFiles } from '../rules/rule-files.ts';

/** What the kernel tells. */
const KERNEL_SOURCE = 'syscall';

export interface SetupRequest {
  readonly configFile: string | undefined;
  /** What holds when no configuration file is given. */
  readonly defaults?: MapNode;
  /** `key=value`, in order. */
  readonly overrides: readonly string[];
  /** Rules files from the command line; they take the place of the configured ones. */
  readonly ruleFiles: readonly string[];
  /** Read after all of these; they need not be there. */
  readonly lastRuleFiles?: readonly string[];
  /** Fields to add to `output_fields` of what the kernel tells, as far as there are such fields. */
  readonly extraFields?: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Sources besides those of the configuration whose events are read: their rules come along, too. */
  readonly sources?: readonly string[];
  /** The real disk unless stated. */
  readonly disk?: ConfigFiles;
}

export interface Setup {
  readonly config: Config;
  readonly ruleFiles: readonly RuleFile[];
}

export interface ReadSetup {
  /** `undefined` when there is an error. */
  readonly setup: Setup | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** The configuration as written. */
  readonly root: MapNode;
  /** Files and folders that were found. */
  readonly paths: readonly string[];
  /** All that was looked at: whether another reading would give the same. */
  readonly disk: ObservedDisk;
}

/** Rules that come with the program, for when none are named. */
export const shippedRules: string = join(import.meta.dirname, '../../../../rules/peregrine_rules.yaml');

function loadRequested(request: SetupRequest, files: ConfigFiles): Promise<LoadedConfig> {
  return loadConfig({
    file: request.configFile,
    overrides: request.overrides,
    environment: request.environment,
    files,
    ...(request.defaults === undefined ? {} : { defaults: request.defaults }),
  });
}

/** The configuration alone; `undefined` when there is an error. */
export async function readConfig(request: SetupRequest): Promise<Config | undefined> {
  return (await loadRequested(request, request.disk ?? realDisk)).config;
}

export async function readSetup(request: SetupRequest): Promise<ReadSetup> {
  const files = new ObservedDisk(request.disk ?? realDisk);
  const { config, diagnostics, root, paths } = await loadRequested(request, files);
  if (config === undefined) return { setup: undefined, diagnostics, root, paths, disk: files };
  const isAsked = request.ruleFiles.length > 0;
  const found = readRuleFiles(
    isAsked ? request.ruleFiles : configuredRules(config, request.sources ?? []),
    isAsked ? 'command-line' : 'configuration',
    files,
  );
  const last = readRuleFiles(request.lastRuleFiles ?? [], 'configuration', files);
  const unread = [...found.diagnostics, ...last.diagnostics];
  const ruleFiles = [...found.files, ...last.files];
  return {
    setup:
      unread.length > 0
        ? undefined
        : { config: await withExtraFields(config, request.extraFields ?? []), ruleFiles },
    diagnostics: [...diagnostics, ...unread],
    root,
    paths: [...paths, ...found.paths, ...last.paths],
    disk: files,
  };
}

async function withExtraFields(config: Config, wanted: readonly string[]): Promise<Config> {
  if (wanted.length === 0) return config;
  const { listSources } = await import('../rules/list-catalogue.ts');
  const kernel = listSources(config).find(({ name }) => name === KERNEL_SOURCE);
  const known = new Set(kernel?.fields.map(({ name }) => name));
  const items = wanted.filter((name) => known.has(name.replace(/\[.*$/, ''))).map((name) => scalarNode(name));
  const addition = {
    match: { source: KERNEL_SOURCE, tags: undefined, rule: undefined },
    extra_output: undefined,
    extra_fields: { kind: 'list', items, span: undefined } as const,
    suggested_output: false,
  };
  return { ...config, append_output: [...config.append_output, addition] };
}

function configuredRules(config: Config, sources: readonly string[]): readonly string[] {
  const older = config.rules_file;
  if (older?.kind === 'scalar') return [older.text];
  if (older?.kind === 'list')
    return older.items.flatMap((item) => (item.kind === 'scalar' ? [item.text] : []));
  return config.rules_files ?? [shippedRules, ...rulesOfSources([...fedSources(config), ...sources])];
}
