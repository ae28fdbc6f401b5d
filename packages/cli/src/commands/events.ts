/** `peregrine events`. */

import { type Command, exit } from '../command.ts';
import { isSourceThere, pluginOptions, readSources } from '../source-option.ts';

export const events: Command = {
  name: 'events',
  usage: '[NAME...] [options]',
  doc: 'Lists the events that rules can ask for with `evt.type`. With names, only events that contain one.',
  options: [
    { name: 'source', value: 'SOURCE', doc: 'Events of one source, such as k8s_audit; syscall without it.' },
    ...pluginOptions,
    { name: 'json', doc: 'As JSON, with parameters.' },
  ],
  examples: [
    { line: 'events open', doc: 'Those whose names contain it, with their arguments.' },
    { line: 'events --source k8s_audit', doc: 'What rules for the audit log of Kubernetes see.' },
  ],
  operands: 'any',
  run: async (given, terminal) => {
    const sources = await readSources(given, terminal);
    if (sources === undefined) return exit.failed;
    const source = given.valueOf('source');
    const names = sources.map(({ name }) => name);
    if (!isSourceThere(source, names, terminal)) return exit.failed;
    const { listEvents } = await import('@peregrine/app/catalogue');
    const found = listEvents(source).filter(
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
    if (source !== undefined && source !== 'syscall')
      terminal.note(
        `each document is one such event; rules tell them apart by fields: \`peregrine fields --source ${source}\``,
      );
    return exit.ok;
  },
};
