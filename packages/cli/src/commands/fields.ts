/** `peregrine fields`. */

import { type Command, exit } from '../command.ts';
import { isSourceThere, pluginOptions, readSources } from '../source-option.ts';

export const fields: Command = {
  name: 'fields',
  usage: '[NAME...] [options]',
  doc: 'Lists the fields that conditions and outputs of rules can use. With names, only fields that contain one.',
  options: [
    { name: 'source', value: 'SOURCE', doc: 'Fields of one source of events only, such as syscall.' },
    ...pluginOptions,
    { name: 'json', doc: 'As JSON, with all facts.' },
  ],
  examples: [
    { line: 'fields', doc: 'All of them.' },
    { line: 'fields proc.aname container', doc: 'Those whose names contain either.' },
  ],
  operands: 'any',
  run: async (given, terminal) => {
    const sources = await readSources(given, terminal);
    if (sources === undefined) return exit.failed;
    const source = given.valueOf('source');
    const names = sources.map(({ name }) => name);
    if (!isSourceThere(source, names, terminal)) return exit.failed;
    const chosen = sources.filter(({ name }) => source === undefined || name === source);
    const found = chosen.map(({ name, fields: all }) => ({
      source: name,
      fields: all.filter(
        (field) => given.operands.length === 0 || given.operands.some((part) => field.name.includes(part)),
      ),
    }));
    if (given.has('json')) {
      terminal.out(`${JSON.stringify(found)}\n`);
      return exit.ok;
    }
    for (const group of found) {
      const width = Math.min(36, Math.max(0, ...group.fields.map(({ name }) => name.length)) + 2);
      for (const { name, type, isList, doc, isDeprecated } of group.fields) {
        const kind = `${type}${isList ? ' list' : ''}${isDeprecated ? ', deprecated' : ''}`;
        terminal.out(`${name.padEnd(width)}${doc} (${kind})\n`);
      }
    }
    if (found.every((group) => group.fields.length === 0)) {
      terminal.note('no field has such a name');
      return exit.failed;
    }
    return exit.ok;
  },
};
