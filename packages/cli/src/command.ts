/** What a command is, and how one is found, explained and run. */

import { nearestName } from '@peregrine/base';
import { type Arguments, type OptionDeclaration, parseArguments, renderOptions } from './arguments.ts';
import type { Terminal } from './terminal.ts';

/** Exit statuses. `usage`: the command line was wrong, and nothing was done. */
export const exit = { ok: 0, failed: 1, usage: 2 } as const;

export interface Command {
  /** As typed: `rules check`. */
  readonly name: string;
  /** What follows the name: `FILE... [options]`. */
  readonly usage: string;
  readonly doc: string;
  readonly options: readonly OptionDeclaration[];
  /** What to type after the program's name, and what that does. */
  readonly examples: readonly { readonly line: string; readonly doc: string }[];
  /** Fewest and most operands; more than one has no upper bound. */
  readonly operands: 'none' | 'one' | 'some' | 'any';
  readonly run: (given: Arguments, terminal: Terminal) => Promise<number>;
}

/** A command as the roster lists it: loaded only when it is asked for. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

const helpOption: OptionDeclaration = { name: 'help', short: 'h', doc: 'Show this help.' };

export async function runCommand(
  entries: readonly CommandEntry[],
  given: readonly string[],
  terminal: Terminal,
): Promise<number> {
  const [first = ''] = given;
  if (first === '' || first === '--help' || first === '-h' || first === 'help') {
    const asked = given.slice(1).join(' ');
    const entry = entries.find(({ name }) => name === asked);
    terminal.out(
      entry === undefined
        ? renderOverview(entries, terminal.name)
        : renderHelp(await entry.load(), terminal.name),
    );
    return first === '' ? exit.usage : exit.ok;
  }
  if (first === '--version') return runCommand(entries, ['version', ...given.slice(1)], terminal);

  const entry = entries.find(({ name }) => name.split(' ').every((word, i) => given[i] === word));
  const family = entry === undefined ? familyAskedFor(entries, given) : [];
  if (family.length > 0) {
    terminal.out(renderOverview(family, terminal.name));
    return exit.ok;
  }
  if (entry === undefined) return refuseName(entries, given, terminal);
  const command = await entry.load();
  const rest = given.slice(entry.name.split(' ').length);
  const parsed = parseArguments(rest, [...command.options, helpOption]);
  const helpLine = `\`${terminal.name} ${command.name} --help\` shows what there is`;
  if (parsed.kind === 'usage-error') {
    terminal.fail(parsed.error.message, parsed.error.hint ?? helpLine);
    return exit.usage;
  }
  if (parsed.arguments.has('help')) {
    terminal.out(renderHelp(command, terminal.name));
    return exit.ok;
  }
  const complaint = complaintOn(command, parsed.arguments.operands);
  if (complaint !== undefined) {
    terminal.fail(complaint, helpLine);
    return exit.usage;
  }
  return command.run(parsed.arguments, terminal);
}

function complaintOn(command: Command, operands: readonly string[]): string | undefined {
  const [word = 'operand'] = command.usage.split(/[ .]/);
  const isMissing = operands.length === 0 && (command.operands === 'one' || command.operands === 'some');
  if (isMissing) return `\`${command.name}\` needs ${word}`;
  const most = command.operands === 'none' ? 0 : command.operands === 'one' ? 1 : Number.POSITIVE_INFINITY;
  return operands.length > most ? `\`${operands[most]}\` is more than \`${command.name}\` takes` : undefined;
}

/** Commands whose help is asked for at once: `outputs --help`. */
function familyAskedFor(entries: readonly CommandEntry[], given: readonly string[]): readonly CommandEntry[] {
  const last = given.at(-1);
  if (last !== '--help' && last !== '-h') return [];
  const start = `${given.slice(0, -1).join(' ')} `;
  return entries.filter(({ name }) => name.startsWith(start));
}

function refuseName(entries: readonly CommandEntry[], given: readonly string[], terminal: Terminal): number {
  const [first = '', second = ''] = given;
  const names = entries.map(({ name }) => name);
  const family = names.filter((name) => name.startsWith(`${first} `));
  if (family.length > 0) {
    const wanted =
      second === '' || second.startsWith('-') ? 'needs to know what to do' : `does not know \`${second}\``;
    terminal.fail(`\`${first}\` ${wanted}`, `there is: ${family.join(', ')}`);
    return exit.usage;
  }
  const nearest = nearestName(first, names);
  const hint = nearest === undefined ? `there is: ${names.join(', ')}` : `did you mean \`${nearest}\`?`;
  terminal.fail(first.startsWith('-') ? `unknown option \`${first}\`` : `unknown command \`${first}\``, hint);
  return exit.usage;
}

export function renderOverview(entries: readonly CommandEntry[], program: string): string {
  const width = Math.max(...entries.map(({ name }) => name.length)) + 3;
  const lines = entries.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}\n`).join('');
  return `${program} watches a Linux machine and alerts on what its rules describe.\n\nUsage: ${program} COMMAND\n\n${lines}\n\`${program} COMMAND --help\` tells more of each.\n`;
}

export function renderHelp(command: Command, program: string): string {
  const head = `${command.doc}\n\nUsage: ${program} ${command.name} ${command.usage}\n`;
  const options = `\nOptions:\n${renderOptions([...command.options, helpOption])}`;
  const examples = command.examples.map(({ line, doc }) => `  ${program} ${line}\n      ${doc}\n`).join('');
  return `${head.replace(/ +\n/g, '\n')}${options}\nExamples:\n${examples}`;
}
