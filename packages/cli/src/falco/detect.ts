/** Detection behind the reference's command line: live, or from a capture; or, dry, only what comes before. */

import { rmSync, writeFileSync } from 'node:fs';
import { notesOn } from '@peregrine/app/config';
import type { LiveOptions } from '@peregrine/app/live';
import { notesOnRules } from '@peregrine/app/notes';
import { fedSources, isKernelWanted } from '@peregrine/app/plugins';
import type { RuleFile, RulesReport } from '@peregrine/app/rules';
import type { Statistics } from '@peregrine/app/statistics';
import { Fault } from '@peregrine/base';
import type { Arguments } from '../arguments.ts';
import { exit } from '../command.ts';
import { hostname } from '../setup-options.ts';
import type { Terminal } from '../terminal.ts';
import { type FalcoSetup, tellErrors } from './falco-setup.ts';
import { refuse } from './refuse.ts';

const UNUSABLE = 'the rules cannot be used';

export interface Detection extends FalcoSetup {
  readonly confinement: LiveOptions['confinement'];
}

export async function detect(given: Arguments, loaded: Detection, terminal: Terminal): Promise<number> {
  const { config, log, setup, configFile } = loaded;
  if (configFile === undefined && given.valuesOf('rules').length === 0) {
    return refuse(
      terminal,
      'there is no configuration file',
      'name one with `-c`, or put it at /etc/falco/falco.yaml',
    );
  }
  if (configFile !== undefined) log('info', `configuration file: ${configFile}`);
  for (const { name } of setup.ruleFiles) log('info', `rules file: ${name}`);
  for (const note of notesOn(config)) log('notice', note);

  if (given.has('dry-run')) return dryRun(loaded, terminal);
  const pidFile = given.valueOf('pidfile');
  if (pidFile !== undefined) writePid(pidFile);
  try {
    const statistics = await (config.engine.kind === 'replay'
      ? replayCapture(given, loaded, terminal)
      : watchMachine(given, loaded, terminal));
    if (statistics === undefined) return refuse(terminal, UNUSABLE);
    const { renderStatistics } = await import('@peregrine/app/statistics');
    terminal.out(renderStatistics(statistics));
    return exit.ok;
  } finally {
    if (pidFile !== undefined) rmSync(pidFile, { force: true });
  }
}

async function dryRun({ setup, log }: FalcoSetup, terminal: Terminal): Promise<number> {
  const { listRules } = await import('@peregrine/app/rules');
  const { report } = listRules(setup);
  await tellReport(report, setup.ruleFiles, log, terminal);
  if (!report.isUsable) return refuse(terminal, UNUSABLE);
  log('info', 'dry run: all is well, and nothing is watched');
  return exit.ok;
}

async function replayCapture(
  given: Arguments,
  loaded: FalcoSetup,
  terminal: Terminal,
): Promise<Statistics | undefined> {
  const { replay } = await import('@peregrine/app/replay');
  const { setup, config, log } = loaded;
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const seconds = given.valueOf('seconds');
  let told: Promise<void> | undefined;
  const statistics = await replay({
    setup,
    captures: [config.engine.replay.capture_file],
    hostname: await hostname(),
    programName: terminal.name,
    log,
    onRules: (report) => {
      told = tellReport(report, setup.ruleFiles, log, terminal);
    },
    signal: stop.signal,
    ...(seconds === undefined ? {} : { seconds: Number(seconds) }),
  });
  await told;
  return statistics;
}

async function watchMachine(given: Arguments, loaded: Detection, terminal: Terminal): Promise<Statistics> {
  const { request, read, setup, config, log, confinement } = loaded;
  if (!isKernelWanted(config) && fedSources(config).length === 0) {
    throw new Fault('no-source', 'no source of events is left, and at least one is needed', {
      hint: 'set `engine.kind` to `modern_ebpf` or `replay`, or load a plugin that gives events',
    });
  }
  if (config.engine.kind === 'kmod' && isKernelWanted(config))
    log('notice', '`engine.kind` is `kmod`: the eBPF probe is used in its place');
  const { runLive } = await import('../run-live.ts');
  const seconds = given.valueOf('seconds');
  let told = Promise.resolve();
  const running = runLive({
    request,
    read,
    setup,
    hostname: await hostname(),
    programName: terminal.name,
    scope: given.valueOf('scope'),
    log,
    confinement,
    onRules: (report, files) => {
      told = tellReport(report, files, log, terminal);
    },
    onFindings: (found) => tellErrors(found, terminal),
    ...(seconds === undefined ? {} : { seconds: Number(seconds) }),
  });
  try {
    return await running;
  } finally {
    await told;
  }
}

async function tellReport(
  report: RulesReport,
  files: readonly RuleFile[],
  log: FalcoSetup['log'],
  terminal: Terminal,
): Promise<void> {
  const { renderFindings } = await import('@peregrine/app/findings');
  const all = report.files.flatMap(({ diagnostics }) => diagnostics);
  const errors = all.filter(({ severity }) => severity === 'error');
  const warnings = all.filter(({ severity }) => severity === 'warning');
  const show = (some: typeof all): string =>
    renderFindings(some, files, { isColourful: terminal.isColourful });
  if (errors.length > 0) terminal.err(show(errors));
  else if (warnings.length > 0) log('warning', `findings in rules:\n${show(warnings).trimEnd()}`);
  if (errors.length > 0) return;
  log('info', `${report.enabledCount} rules are on, of ${report.ruleCount}`);
  for (const note of notesOnRules(report)) log('notice', note);
}

function writePid(path: string): void {
  try {
    writeFileSync(path, `${process.pid}\n`);
  } catch (error) {
    throw new Fault(
      'pidfile',
      `cannot write the process id to \`${path}\`: ${error instanceof Error ? error.message : error}`,
      {
        cause: error,
      },
    );
  }
}
