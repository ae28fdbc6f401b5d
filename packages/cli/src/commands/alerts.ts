/** `peregrine alerts import` and `export`. */

import type { FoundStore } from '@peregrine/app/stored-alerts';
import { Fault } from '@peregrine/base';
import type { Arguments, OptionDeclaration } from '../arguments.ts';
import { type Command, exit } from '../command.ts';
import type { Terminal } from '../terminal.ts';

export const storeConfigOption: OptionDeclaration = {
  name: 'config',
  short: 'c',
  value: 'FILE',
  doc: 'Configuration of the hub, which says where its store is.',
};

const formats = ['jsonl', 'json', 'csv'] as const;

export const alertsImport: Command = {
  name: 'alerts import',
  usage: 'SOURCE [options]',
  doc: 'Brings events of Falcosidekick-UI into the store: from a file that its page exported, a file with one event on each\nline (`-`: standard input), or its Redis. Events that are there already are left out, unless they are sent with `--to`.',
  options: [
    storeConfigOption,
    {
      name: 'to',
      value: 'URL',
      doc: 'Send them to the web interface there, instead of opening a store here.',
    },
    { name: 'json', doc: 'What became of them as JSON.' },
  ],
  examples: [
    { line: 'alerts import falco_events.json -c hub.yaml', doc: 'What the page exported.' },
    { line: 'alerts import redis://:PASSWORD@redis:6379 -c hub.yaml', doc: 'All that Redis has.' },
    { line: 'alerts import falco_events.json --to http://127.0.0.1:2802', doc: 'To one that runs.' },
  ],
  operands: 'one',
  run: async (given, terminal) => {
    const { importAlerts, openStore, remoteTarget, storeTarget } = await import(
      '@peregrine/app/stored-alerts'
    );
    const [source = ''] = given.operands;
    const to = given.valueOf('to');
    if (to !== undefined && !/^https?:\/\//.test(to)) {
      terminal.fail(`\`--to\` is \`${to}\`, which is no address such as http://127.0.0.1:2802`);
      return exit.usage;
    }
    const found = to === undefined ? await storeFor(given, terminal) : undefined;
    if (to === undefined && found === undefined) return exit.failed;
    const opened = found && (await openStore(found, (text) => terminal.warn(text)));
    try {
      const target =
        opened?.kind === 'store'
          ? storeTarget(opened.store)
          : remoteTarget(to ?? (opened?.kind === 'running' ? opened.url : ''));
      const counts = await importAlerts(source, target);
      const { importedCount, knownCount, wrongCount, firstProblem, oldestMs } = counts;
      if (given.has('json')) {
        terminal.out(
          `${JSON.stringify({ imported: importedCount, known: knownCount, wrong: wrongCount, problem: firstProblem })}\n`,
        );
      } else {
        terminal.out(`imported: ${importedCount}\n`);
        if (knownCount > 0) terminal.out(`there already: ${knownCount}\n`);
        if (wrongCount > 0) terminal.out(`no events: ${wrongCount} (the first: ${firstProblem ?? ''})\n`);
      }
      const maxAgeMs = found?.config.settings.ui.maxage ?? 0;
      if (maxAgeMs > 0 && oldestMs !== undefined && oldestMs < Date.now() - maxAgeMs)
        terminal.warn('some are older than `ui.maxage`: the hub removes them, unless you set it higher');
      return wrongCount > 0 && importedCount + knownCount === 0 ? exit.failed : exit.ok;
    } finally {
      if (opened?.kind === 'store') await opened.close();
    }
  },
};

export const alertsExport: Command = {
  name: 'alerts export',
  usage: '[options]',
  doc: 'Writes stored alerts to standard output, newest first: from the store, or through the hub that has it open.',
  options: [
    storeConfigOption,
    { name: 'format', value: 'FORMAT', doc: `${formats.join(', ')}; jsonl unless set.` },
    {
      name: 'query',
      short: 'q',
      value: 'CONDITION',
      doc: 'Only alerts that it holds for, as rules have it.',
    },
    { name: 'text', value: 'TEXT', doc: 'Only alerts that have this text somewhere.' },
    {
      name: 'where',
      value: 'FIELD=VALUE',
      doc: 'Only alerts whose field is that; `!=`, is not. May be repeated.',
    },
    { name: 'since', value: 'TIME', doc: 'Only those of that long: 15m, 24h, 7d.' },
    { name: 'from', value: 'TIME', doc: 'Only those from then on: 2026-11-26T10:00:00Z.' },
    { name: 'until', value: 'TIME', doc: 'Only those before then.' },
    {
      name: 'limit',
      value: 'COUNT',
      doc: 'As many at most; all, or 1000000 of a hub that runs, unless set.',
    },
    { name: 'json', doc: 'As `--format json`.' },
  ],
  examples: [
    { line: 'alerts export -c hub.yaml --since 24h', doc: 'The last day, one alert on each line.' },
    { line: "alerts export -c hub.yaml --format csv -q 'priority >= error'", doc: 'For a spreadsheet.' },
  ],
  operands: 'none',
  run: async (given, terminal) => {
    const format = formats.find(
      (name) => name === (given.has('json') ? 'json' : (given.valueOf('format') ?? 'jsonl')),
    );
    if (format === undefined) {
      terminal.fail(`there is no format \`${given.valueOf('format')}\``, `there is: ${formats.join(', ')}`);
      return exit.usage;
    }
    const limitText = given.valueOf('limit');
    const limit = limitText === undefined ? undefined : Number(limitText);
    if (limit !== undefined && !(Number.isInteger(limit) && limit >= 1 && limit <= 1_000_000)) {
      terminal.fail(`\`--limit\` is \`${limitText}\`, and must be a number from 1 to 1000000`);
      return exit.usage;
    }
    const found = await storeFor(given, terminal);
    if (found === undefined) return exit.failed;
    const { exportFrom } = await import('@peregrine/app/stored-alerts');
    const request = {
      ...{ format, limit, q: given.valueOf('query'), text: given.valueOf('text') },
      ...{ where: given.valuesOf('where'), since: given.valueOf('since') },
      ...{ from: given.valueOf('from'), to: given.valueOf('until') },
    };
    try {
      const port = {
        credentials: process.env.PEREGRINE_UI_USER,
        onTrouble: (text: string) => terminal.warn(text),
      };
      for await (const part of exportFrom(found, request, port)) terminal.out(part);
    } catch (error) {
      // What is wrong with a condition has a code and a message, and is no bug.
      if (error instanceof Fault || !(error instanceof Error) || !('status' in error)) throw error;
      terminal.fail(error.message);
      return exit.usage;
    }
    return exit.ok;
  },
};

/** `undefined` when the configuration cannot be used, which is told. */
export async function storeFor(given: Arguments, terminal: Terminal): Promise<FoundStore | undefined> {
  const { findStore } = await import('@peregrine/app/stored-alerts');
  const { found, diagnostics } = await findStore(given.valueOf('config'), process.env);
  if (diagnostics.length > 0) {
    const { renderFindings } = await import('@peregrine/app/findings');
    terminal.err(renderFindings(diagnostics, [], { isColourful: terminal.isColourful }));
  }
  return found;
}
