/** `peregrine outputs list`, `show` and `test`. */

import { type Command, exit } from '../command.ts';
import type { Terminal } from '../terminal.ts';

const configOption = {
  name: 'config',
  short: 'c',
  value: 'FILE',
  doc: 'Configuration of the hub; environment variables win over it.',
} as const;

export const outputsList: Command = {
  name: 'outputs list',
  usage: '[options]',
  doc: 'Lists the outputs that the hub can deliver alerts to; with a configuration, which of them are on.',
  options: [configOption, { name: 'json', doc: 'As JSON.' }],
  examples: [
    { line: 'outputs list', doc: 'What there is.' },
    { line: 'outputs list -c config.yaml', doc: 'And what is on.' },
  ],
  operands: 'none',
  run: async (given, terminal) => {
    const { listOutputs } = await import('@peregrine/app/hub-outputs');
    const outputs = listOutputs();
    const file = given.valueOf('config');
    let titles: readonly string[] | undefined;
    if (file !== undefined) {
      const { checkHubConfig } = await import('@peregrine/app/hub');
      const checked = await checkHubConfig(file, process.env);
      await tell(checked.diagnostics, terminal);
      if (checked.titles === undefined) return exit.failed;
      titles = checked.titles;
    }
    if (given.has('json')) {
      const isOn = (title: string) => (titles === undefined ? {} : { on: titles.includes(title) });
      terminal.out(
        `${JSON.stringify(
          outputs.map((output) => ({ ...output, ...isOn(output.title) })),
          undefined,
          2,
        )}\n`,
      );
      return exit.ok;
    }
    const width = Math.max(...outputs.map(({ name }) => name.length));
    for (const { name, title, category, doc } of outputs) {
      const mark = titles === undefined ? '' : titles.includes(title) ? 'on   ' : '     ';
      terminal.out(`${mark}${name.padEnd(width)}  ${category.padEnd(9)}  ${doc}\n`);
    }
    return exit.ok;
  },
};

export const outputsShow: Command = {
  name: 'outputs show',
  usage: 'NAME',
  doc: 'Shows what an output does, its keys with their environment variables, and an example.',
  options: [{ name: 'json', doc: 'As JSON.' }],
  examples: [{ line: 'outputs show slack', doc: 'All about Slack.' }],
  operands: 'one',
  run: async (given, terminal) => {
    const { describeHubOutput, describeOutput, findOutput } = await import('@peregrine/app/hub-outputs');
    const asked = given.operands[0] ?? '';
    const ofHub = describeHubOutput(asked);
    const found = findOutput(asked);
    if (ofHub === undefined && 'nearest' in found) return unknownOutput(asked, found.nearest, terminal);
    const described = ofHub ?? ('nearest' in found ? undefined : describeOutput(found));
    if (described === undefined) return exit.usage;
    if (given.has('json')) {
      terminal.out(`${JSON.stringify(described, undefined, 2)}\n`);
      return exit.ok;
    }
    const on = described.enabledBy.join(' and ');
    terminal.out(
      `${described.title}: ${described.doc}\n${on === '' ? '' : `On when ${on} ${described.enabledBy.length > 1 ? 'are' : 'is'} set.\n`}\n`,
    );
    for (const { path, variable, type, default: fallback, doc } of described.keys) {
      const shown = fallback === undefined ? 'must be set' : fallback === '' ? 'empty' : fallback;
      terminal.out(
        `  ${path}  (${variable})\n      ${doc}\n      ${type}; ${fallback === undefined ? shown : `default ${shown}`}\n`,
      );
    }
    terminal.out(`\nExample:\n${described.example.replace(/^/gm, '  ').trimEnd()}\n`);
    return exit.ok;
  },
};

export const outputsTest: Command = {
  name: 'outputs test',
  usage: 'NAME [options]',
  doc: 'Sends the test alert to an output, once, and shows what was said and answered.',
  options: [configOption],
  examples: [{ line: 'outputs test slack -c config.yaml', doc: 'Whether Slack takes alerts.' }],
  operands: 'one',
  run: async (given, terminal) => {
    const { describeHubOutput, findOutput, testOutput } = await import('@peregrine/app/hub-outputs');
    const asked = given.operands[0] ?? '';
    const ofHub = describeHubOutput(asked);
    if (ofHub !== undefined) {
      terminal.fail(`\`${ofHub.name}\` takes counters of the hub, not alerts`);
      return exit.usage;
    }
    const found = findOutput(asked);
    if ('nearest' in found) return unknownOutput(asked, found.nearest, terminal);
    const tested = await testOutput({
      name: found.name,
      file: given.valueOf('config'),
      environment: process.env,
      show: (line) => terminal.out(`${line}\n`),
    });
    await tell(tested.diagnostics, terminal);
    if (tested.kind === 'bad-config') return exit.failed;
    if (tested.kind === 'off') {
      terminal.fail(
        `\`${found.name}\` is off`,
        `\`${terminal.name} outputs show ${found.name}\` says how to turn it on`,
      );
      return exit.failed;
    }
    let status: number = exit.ok;
    for (const { id, outcome } of tested.results) {
      if (outcome.kind === 'delivered') terminal.out(`${id}: delivered\n`);
      else {
        terminal.fail(`${id}: ${outcome.reason}`);
        status = exit.failed;
      }
    }
    return status;
  },
};

function unknownOutput(asked: string, nearest: string | undefined, terminal: Terminal): number {
  terminal.fail(
    `there is no output \`${asked}\``,
    nearest === undefined
      ? `\`${terminal.name} outputs list\` shows what there is`
      : `did you mean \`${nearest}\`?`,
  );
  return exit.usage;
}

async function tell(
  diagnostics: Parameters<typeof import('@peregrine/app/findings').renderFindings>[0],
  terminal: Terminal,
): Promise<void> {
  if (diagnostics.length === 0) return;
  const { renderFindings } = await import('@peregrine/app/findings');
  terminal.err(renderFindings(diagnostics, [], { isColourful: terminal.isColourful }));
}
