import { expect, test } from 'vitest';
import { type Command, type CommandEntry, renderHelp, runCommand } from './command.ts';
import { commandRoster } from './commands/roster.ts';
import { Terminal } from './terminal.ts';

class Recorder extends Terminal {
  text = '';

  constructor() {
    super('tool');
  }

  override out(text: string): void {
    this.text += `out ${text}`;
  }

  override err(text: string): void {
    this.text += `err ${text}`;
  }
}

const check: Command = {
  name: 'rules check',
  usage: 'FILE... [options]',
  doc: 'Checks.',
  options: [{ name: 'json', doc: 'As JSON.' }],
  examples: [{ line: 'rules check x', doc: 'One file.' }],
  operands: 'some',
  run: async (given, terminal) => {
    terminal.out(`${given.operands.join(' ')} ${given.has('json')}`);
    return 7;
  },
};
const version: Command = { ...check, name: 'version', usage: '', operands: 'none', run: async () => 3 };
const entries: readonly CommandEntry[] = [
  { name: 'rules check', summary: 's', load: async () => check },
  { name: 'version', summary: 's', load: async () => version },
];

test.each([
  [['rules', 'check', 'a', '--json', 'b'], 7, 'out a b true'],
  [['--version'], 3, ''],
  [['rules', 'check'], 2, 'err tool: error: `rules check` needs FILE\n'],
  [['rules check', 'x'], 2, 'err tool: error: unknown command `rules check`\n'],
  [['rules', 'chekc'], 2, 'err tool: error: `rules` does not know `chekc`\nerr   there is: rules check\n'],
  [['version', 'x'], 2, 'err tool: error: `x` is more than `version` takes\n'],
  [['versoin'], 2, 'err tool: error: unknown command `versoin`\nerr   did you mean `version`?\n'],
  [['rules', 'check', '--help'], 0, 'out Checks.\n\nUsage: tool rules check FILE... [options]\n'],
  [['help', 'rules', 'check'], 0, 'out Checks.\n'],
  [['rules', '--help'], 0, 'out tool watches a Linux machine'],
  [['rule', '--help'], 2, 'err tool: error: unknown command `rule`\n'],
])('%j', async (given, status, text) => {
  const terminal = new Recorder();
  expect(await runCommand(entries, given, terminal)).toBe(status);
  expect(terminal.text.startsWith(text), terminal.text).toBe(true);
});

test.each(commandRoster)('$name has a help text that holds together', async (entry) => {
  const command = await entry.load();
  expect(command.name).toBe(entry.name);
  expect(command.examples.length).toBeGreaterThan(0);
  for (const { line } of command.examples) expect(line.startsWith(command.name)).toBe(true);
  expect(new Set(command.options.map(({ name }) => name)).size).toBe(command.options.length);
  expect(renderHelp(command, 'peregrine')).toContain(command.doc);
});
