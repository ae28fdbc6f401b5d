/** `peregrine fields`. */

import { nearestName } from '@peregrine/base';
import { type Command, exit } from '../command.ts';

export const fields: Command = {
  name: 'fields',
  usage: '[NAME...] [options]',
  doc: 'Lists the fields that conditions and outputs of rules can use. With names, only fields that contain one.',
  options: [
    { name: 'source', value: 'SOURCE', doc: 'Fields of one source of events only, such as syscall.' },
    { name: 'json', doc: 'As JSON, with all facts.' },
  ],
  examples: [
    { line: 'fields', doc: 'All of them.' },
    { line: 'fields proc.aname container', doc: 'Those whose names contain either.' },
  ],
  operands: 'any',
  run: async (given, terminal) => {
    const { listSources } = await import('@peregrine/app/catalogue');
    const sources = listSources();
    const source = given.valueOf('source');
    const chosen = sources.filter(({ name }) => source === undefined || name === source);
    if (source !== undefined && chosen.length === 0) {
      const names = sources.map(({ name }) => name);
      const nearest = nearestName(source, names);
      terminal.fail(
        `there is no source \`${source}\``,
        nearest === undefined ? `there is: ${names.join(', ')}` : `did you mean \`${nearest}\`?`,
      );
      return exit.failed;
    }
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
