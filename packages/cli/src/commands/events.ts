/** `peregrine events`. */

import { type Command, exit } from '../command.ts';

export const events: Command = {
  name: 'events',
  usage: '[NAME...] [options]',
  doc: 'Lists the events that rules can ask for with `evt.type`. With names, only events that contain one.',
  options: [{ name: 'json', doc: 'As JSON, with parameters.' }],
  examples: [{ line: 'events open', doc: 'Those whose names contain it, with their arguments.' }],
  operands: 'any',
  run: async (given, terminal) => {
    const { listEvents } = await import('@peregrine/app/catalogue');
    const found = listEvents().filter(
      ({ name }) => given.operands.length === 0 || given.operands.some((part) => name.includes(part)),
    );
    if (given.has('json')) {
      const facts = found.map(({ name, category, doc, params }) => ({ name, category, doc, params }));
      terminal.out(`${JSON.stringify(facts)}\n`);
      return exit.ok;
    }
    if (found.length === 0) {
      terminal.note('no event has such a name');
      return exit.failed;
    }
    for (const { name, category, params } of found) {
      const list = params.map((param) => `${param.name} ${param.type}`).join(', ');
      terminal.out(`${name.padEnd(24)}${category.padEnd(12)}(${list})\n`);
    }
    return exit.ok;
  },
};
