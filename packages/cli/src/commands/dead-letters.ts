/** `peregrine outputs dead-letters list`, `show`, `edit`, `replay` and `remove`. */

import { spawnSync } from 'node:child_process';
import type { StoredLetter } from '@peregrine/app/hub-outputs';
import type { Arguments, OptionDeclaration } from '../arguments.ts';
import { type Command, exit } from '../command.ts';
import type { Terminal } from '../terminal.ts';

const configOption: OptionDeclaration = {
  name: 'config',
  short: 'c',
  value: 'FILE',
  doc: 'Configuration of the hub, which says where its folder is.',
};
const outputOption: OptionDeclaration = {
  name: 'output',
  value: 'OUTPUT',
  doc: 'Only those of that output.',
};
const allOption: OptionDeclaration = { name: 'all', doc: 'All there are, or all of `--output`.' };

export const deadLettersList: Command = {
  name: 'outputs dead-letters list',
  usage: '[options]',
  doc: 'Lists alerts that an output could not deliver and does not try any more, oldest first.',
  options: [configOption, outputOption, { name: 'json', doc: 'As JSON.' }],
  examples: [
    { line: 'outputs dead-letters list -c config.yaml', doc: 'All of them.' },
    { line: 'outputs dead-letters list -c config.yaml --output slack', doc: 'Those of Slack.' },
  ],
  operands: 'none',
  run: async (given, terminal) => {
    const letters = await lettersFor(given, terminal);
    if (letters === undefined) return exit.failed;
    const { summaryOf } = await import('@peregrine/app/hub-outputs');
    const summaries = letters.map(summaryOf);
    if (given.has('json')) terminal.out(`${JSON.stringify(summaries, undefined, 2)}\n`);
    else
      for (const { id, output, at, rule, reason } of summaries)
        terminal.out(`${id}  ${at}  ${output}  ${oneLine(rule)}: ${oneLine(reason)}\n`);
    return exit.ok;
  },
};

export const deadLettersShow: Command = {
  name: 'outputs dead-letters show',
  usage: 'ID... [options]',
  doc: 'Shows dead letters whole: the output, why it gave up, and the alert.',
  options: [configOption],
  examples: [{ line: 'outputs dead-letters show 0gk3v1x2abc -c config.yaml', doc: 'That one.' }],
  operands: 'some',
  run: (given, terminal) => withLetters(given, terminal, async (letter) => terminal.out(letter.text)),
};

export const deadLettersEdit: Command = {
  name: 'outputs dead-letters edit',
  usage: 'ID [options]',
  doc: 'Opens a dead letter in the editor that VISUAL or EDITOR names.',
  options: [configOption],
  examples: [
    {
      line: 'outputs dead-letters edit 0gk3v1x2abc -c config.yaml',
      doc: 'To mend what the destination refused.',
    },
  ],
  operands: 'one',
  run: (given, terminal) =>
    withLetters(given, terminal, async (letter) => {
      const editor = process.env.VISUAL || process.env.EDITOR || 'vi';
      spawnSync('/bin/sh', ['-c', `${editor} "$1"`, 'sh', letter.path], { stdio: 'inherit' });
    }),
};

export const deadLettersReplay: Command = {
  name: 'outputs dead-letters replay',
  usage: '[ID...] [options]',
  doc: 'Has dead letters delivered once more: by the hub that runs, or when it starts.',
  options: [configOption, outputOption, allOption],
  examples: [
    { line: 'outputs dead-letters replay 0gk3v1x2abc -c config.yaml', doc: 'That one.' },
    { line: 'outputs dead-letters replay --all --output slack -c config.yaml', doc: 'All of Slack.' },
  ],
  operands: 'any',
  run: async (given, terminal) => {
    const { letterFolder, orderReplay } = await import('@peregrine/app/hub-outputs');
    const { folder } = await letterFolder(given.valueOf('config'), process.env);
    return withLetters(given, terminal, async (letter) => {
      if (folder !== undefined) await orderReplay(folder, letter);
    });
  },
};

export const deadLettersRemove: Command = {
  name: 'outputs dead-letters remove',
  usage: '[ID...] [options]',
  doc: 'Removes dead letters for good.',
  options: [configOption, outputOption, allOption],
  examples: [
    { line: 'outputs dead-letters remove --all --output slack -c config.yaml', doc: 'All of Slack.' },
  ],
  operands: 'any',
  run: async (given, terminal) => {
    const { removeLetter } = await import('@peregrine/app/hub-outputs');
    return withLetters(given, terminal, removeLetter);
  },
};

/** Does something with each letter that is named, or with all; none that is missing is passed over in silence. */
async function withLetters(
  given: Arguments,
  terminal: Terminal,
  act: (letter: StoredLetter) => Promise<void>,
): Promise<number> {
  const letters = await lettersFor(given, terminal);
  if (letters === undefined) return exit.failed;
  if (given.operands.length === 0 && !given.has('all')) {
    terminal.fail('which dead letters?', 'give their ids, or `--all`');
    return exit.usage;
  }
  const missing = given.operands.filter((id) => !letters.some((letter) => letter.id === id));
  for (const id of missing) terminal.fail(`there is no dead letter \`${id}\``);
  if (missing.length > 0) return exit.failed;
  const chosen = given.has('all') ? letters : letters.filter(({ id }) => given.operands.includes(id));
  for (const letter of chosen) await act(letter);
  return exit.ok;
}

/** `undefined` when the configuration cannot be used, which is told. */
async function lettersFor(
  given: Arguments,
  terminal: Terminal,
): Promise<readonly StoredLetter[] | undefined> {
  const { letterFolder, lettersOf } = await import('@peregrine/app/hub-outputs');
  const { folder, diagnostics } = await letterFolder(given.valueOf('config'), process.env);
  if (folder !== undefined) return lettersOf(folder, given.valueOf('output'));
  const { renderFindings } = await import('@peregrine/app/findings');
  terminal.err(renderFindings(diagnostics, [], { isColourful: terminal.isColourful }));
  return undefined;
}

/** What an alert or a destination said must not move the cursor of a terminal. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ');
}
