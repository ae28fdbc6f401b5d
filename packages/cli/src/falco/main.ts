/** `falco [OPTIONS]`: looks for what ends early, in the reference's order, then detects. */

import type { LiveOptions } from '@peregrine/app/live';
import type { SetupRequest } from '@peregrine/app/setup';
import { Fault } from '@peregrine/base';
import { type Arguments, parseArguments, renderOptions } from '../arguments.ts';
import { exit } from '../command.ts';
import { confineHubRequestOf } from '../setup-options.ts';
import type { Terminal } from '../terminal.ts';
import { falcoOptions } from './options.ts';
import { refuse } from './refuse.ts';

export async function main(given: readonly string[], terminal: Terminal): Promise<number> {
  const parsed = parseArguments(given, falcoOptions);
  if (parsed.kind === 'usage-error') {
    return refuse(terminal, parsed.error.message, parsed.error.hint ?? '`falco --help` shows what there is');
  }
  try {
    return await run(parsed.arguments, given, terminal);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return refuse(terminal, error.message, error.hint);
  }
}

async function run(given: Arguments, line: readonly string[], terminal: Terminal): Promise<number> {
  if (given.has('help')) {
    terminal.out(renderFalcoHelp());
    return exit.ok;
  }
  const complaint = complaintOn(given);
  if (complaint !== undefined) return refuse(terminal, complaint);
  if (
    ['config-schema', 'rule-schema', 'ignored', 'list-events', 'page-size'].some((name) => given.has(name))
  ) {
    return (await import('./information.ts')).showWithoutConfig(given, terminal);
  }

  if (informing.some((name) => given.has(name))) return inform(given, line, terminal);
  const { falcoRequestOf, loadFalcoSetup } = await import('./falco-setup.ts');
  // Before anything but the configuration is read, since the program may be started anew.
  const confinement = await confineDetection(given, falcoRequestOf(given));
  const loaded = await loadFalcoSetup(given, terminal);
  if (loaded === undefined) return exit.failed;
  return (await import('./detect.ts')).detect(given, { ...loaded, confinement }, terminal);
}

/** Options that end with an answer, and take a configuration. */
const informing: readonly string[] = [
  'version',
  'list-plugins',
  'plugin-info',
  'list',
  'validate',
  'describe-all',
  'describe',
  'support',
];

async function inform(given: Arguments, line: readonly string[], terminal: Terminal): Promise<number> {
  const { loadFalcoSetup } = await import('./falco-setup.ts');
  const loaded = await loadFalcoSetup(given, terminal);
  if (loaded === undefined) return exit.failed;
  const { showSupport, showWithConfig } = await import('./information.ts');
  if (given.has('version') || given.has('list-plugins') || given.has('plugin-info') || given.has('list')) {
    return showWithConfig(given, loaded, terminal);
  }
  if (given.has('validate')) return (await import('./validate.ts')).validate(given, loaded, terminal);
  if (given.has('describe-all') || given.has('describe')) {
    return (await import('./describe.ts')).describe(given, loaded, terminal);
  }
  return showSupport(line, loaded, terminal);
}

async function confineDetection(given: Arguments, setup: SetupRequest): Promise<LiveOptions['confinement']> {
  const [{ confine }, { isKernelWanted }] = await Promise.all([
    import('@peregrine/app/privileges'),
    import('@peregrine/app/plugins'),
  ]);
  const pidFile = given.valueOf('pidfile');
  return confine({
    ...confineHubRequestOf(setup),
    writes: pidFile === undefined ? [] : [pidFile],
    watchesKernel: isKernelWanted,
    isLive: ({ engine }) => !given.has('dry-run') && engine.kind !== 'replay',
  });
}

function complaintOn(given: Arguments): string | undefined {
  const [operand] = given.operands;
  if (operand !== undefined && !given.has('validate')) return `\`${operand}\` is no option`;
  const format = given.valueOf('format');
  if (format !== undefined && given.has('markdown')) return '`--format` and `--markdown` do not go together';
  if (format !== undefined && !['text', 'markdown', 'json'].includes(format)) {
    return `\`--format ${format}\` is not known: it can be text, markdown or json`;
  }
  const enabled = given.valuesOf('enable-source');
  const disabled = given.valuesOf('disable-source');
  if (enabled.length > 0 && disabled.length > 0)
    return '`--enable-source` and `--disable-source` do not go together';
  const seconds = given.valueOf('seconds');
  return seconds !== undefined && !/^\d+$/.test(seconds)
    ? `\`-M ${seconds}\` is not a number of seconds`
    : undefined;
}

export function renderFalcoHelp(): string {
  return `Peregrine, with the command line of Falco.\n\nUsage: falco [OPTIONS]\n\nOptions:\n${renderOptions(falcoOptions)}\nExamples:\n  falco -c /etc/falco/falco.yaml\n      Watch this machine as the configuration says.\n  falco -V my_rules.yaml\n      Check a rules file.\n  falco -r my_rules.yaml -o engine.kind=replay -o engine.replay.capture_file=trace.scap\n      Run rules over recorded events.\n  falco --list=syscall -N\n      Names of the fields that rules can use.\n`;
}
