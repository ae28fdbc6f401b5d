/** `falco [OPTIONS]`: looks for what ends early, in the reference's order, then detects. */

import { Fault } from '@peregrine/base';
import { type Arguments, parseArguments, renderOptions } from '../arguments.ts';
import { exit } from '../command.ts';
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

  const { loadFalcoSetup } = await import('./falco-setup.ts');
  const loaded = await loadFalcoSetup(given, terminal);
  if (loaded === undefined) return exit.failed;
  if (given.has('version') || given.has('list-plugins') || given.has('plugin-info') || given.has('list')) {
    return (await import('./information.ts')).showWithConfig(given, loaded, terminal);
  }
  if (given.has('validate')) return (await import('./validate.ts')).validate(given, loaded, terminal);
  if (given.has('describe-all') || given.has('describe')) {
    return (await import('./describe.ts')).describe(given, loaded, terminal);
  }
  if (given.has('support')) {
    return (await import('./information.ts')).showSupport(line, loaded, terminal);
  }
  return (await import('./detect.ts')).detect(given, loaded, terminal);
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
