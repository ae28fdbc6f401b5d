/** The configuration as the reference's options and files say, and the log that it asks for. */

import { existsSync, readFileSync } from 'node:fs';
import type { Config } from '@peregrine/app/config';
import type { Log } from '@peregrine/app/log';
import type { ReadSetup, Setup, SetupRequest } from '@peregrine/app/setup';
import type { Arguments } from '../arguments.ts';
import { userOverrideOf } from '../setup-options.ts';
import type { Terminal } from '../terminal.ts';
import { renderLogLine } from './log-line.ts';
import { refuse } from './refuse.ts';

const DEFAULT_CONFIG = '/etc/falco/falco.yaml';
/** Values of `-p` that once stood for container fields, and do nothing now. */
const SILENT_PRINTS = ['c', 'container', 'k', 'kubernetes'];

export interface FalcoSetup {
  readonly request: SetupRequest;
  readonly read: ReadSetup;
  readonly setup: Setup;
  readonly config: Config;
  /** Path of the configuration file; `undefined` when there is none. */
  readonly configFile: string | undefined;
  readonly log: Log;
}

/** `undefined`: it cannot be used, and the user knows why. */
export async function loadFalcoSetup(given: Arguments, terminal: Terminal): Promise<FalcoSetup | undefined> {
  const request = falcoRequestOf(given);
  const { configFile } = request;
  const { readSetup } = await import('@peregrine/app/setup');
  const read = await readSetup(request);
  const { setup } = read;
  await tellErrors(read, terminal);
  if (setup === undefined) {
    refuse(terminal, 'the configuration cannot be used');
    return undefined;
  }
  const log = await openLog(setup.config, terminal);
  for (const { severity, message, span } of read.diagnostics) {
    if (severity === 'warning')
      log('warning', `schema validation: failed for ${span?.file ?? 'the command line'}: ${message}`);
  }
  return { request, read, setup, config: setup.config, configFile, log };
}

export async function tellErrors({ diagnostics }: ReadSetup, terminal: Terminal): Promise<void> {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return;
  const { renderFindings } = await import('@peregrine/app/findings');
  const files = [...new Set(errors.flatMap(({ span }) => (span === undefined ? [] : [span.file])))];
  const texts = files.flatMap((name) =>
    existsSync(name) ? [{ name, text: readFileSync(name, 'utf8') }] : [],
  );
  terminal.err(renderFindings(errors, texts, { isColourful: terminal.isColourful }));
}

/** What the options ask for, before anything is read. */
export function falcoRequestOf(given: Arguments): SetupRequest {
  const configFile = given.valueOf('config') ?? (existsSync(DEFAULT_CONFIG) ? DEFAULT_CONFIG : undefined);
  const print = given.valueOf('print');
  const addition =
    print === undefined || SILENT_PRINTS.includes(print)
      ? []
      : [`append_output[]={"extra_output": ${JSON.stringify(print)}}`];
  return {
    configFile,
    overrides: [
      ...given.valuesOf('option'),
      ...(given.has('unbuffered') ? ['buffered_outputs=false'] : []),
      ...given.valuesOf('enable-source').map((source) => `enabled_sources[]=${source}`),
      ...given.valuesOf('disable-source').map((source) => `disabled_sources[]=${source}`),
      ...userOverrideOf(given),
      ...addition,
    ],
    // Those to validate are read by themselves.
    ruleFiles: given.has('validate') ? [] : given.valuesOf('rules'),
    environment: process.env,
  };
}

async function openLog(config: Config, terminal: Terminal): Promise<Log> {
  const { isWanted, logLevels } = await import('@peregrine/app/log');
  const least = config.log_level === 'trace' ? 'debug' : config.log_level;
  const system = config.log_syslog && existsSync('/dev/log') ? await openSystemLog(terminal) : undefined;
  return (level, message) => {
    if (!isWanted(level, least)) return;
    if (config.log_stderr) {
      terminal.err(`${renderLogLine(message, new Date(), config.time_format_iso_8601)}\n`);
    }
    system?.write(logLevels.indexOf(level), message);
  };
}

async function openSystemLog(terminal: Terminal) {
  const { openSystemLog: open } = await import('@peregrine/app/system-log');
  return open(terminal.name);
}
