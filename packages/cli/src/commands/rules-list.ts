/** `peregrine rules list`. */

import { readSetup } from '@peregrine/app/setup';
import { type Command, exit } from '../command.ts';
import { ruleOptions, setupRequestOf, tellConfigFindings } from '../setup-options.ts';
import { isSourceThere } from '../source-option.ts';
import { tellRules } from '../tell-rules.ts';

export const rulesList: Command = {
  name: 'rules list',
  usage: '[options]',
  doc: 'Lists rules, their priority, and whether they are on.',
  options: [
    ...ruleOptions,
    { name: 'source', value: 'SOURCE', doc: 'Rules of one source of events only, such as k8s_audit.' },
    { name: 'json', doc: 'As JSON.' },
  ],
  examples: [
    { line: 'rules list', doc: 'The rules that come along.' },
    { line: 'rules list --source k8s_audit', doc: 'Those for the audit log of Kubernetes.' },
    {
      line: 'rules list -r my_rules.yaml -o rules[].disable.tag=network',
      doc: 'What is left when a tag is off.',
    },
  ],
  operands: 'none',
  run: async (given, terminal) => {
    const source = given.valueOf('source');
    const request = {
      ...setupRequestOf(given),
      overrides: given.valuesOf('option'),
      sources: source === undefined ? [] : [source],
    };
    const read = await readSetup(request);
    await tellConfigFindings(read, terminal);
    if (read.setup === undefined) return exit.failed;
    const [{ listRules }, { priorityNames }] = await Promise.all([
      import('@peregrine/app/rules'),
      import('@peregrine/app/log'),
    ]);
    const { listSources } = await import('@peregrine/app/catalogue');
    const names = listSources(read.setup.config).map(({ name }) => name);
    if (!isSourceThere(source, names, terminal)) return exit.failed;
    const { rules, report } = listRules(read.setup, source);
    const named = rules.map(({ priority, isEnabled, ...rule }) => {
      return { ...rule, priority: priorityNames[priority] ?? '', enabled: isEnabled };
    });
    if (given.has('json')) terminal.out(`${JSON.stringify(named)}\n`);
    else {
      for (const { enabled, priority, name } of named) {
        terminal.out(`${enabled ? 'on ' : 'off'}  ${priority.padEnd(13)}  ${name}\n`);
      }
    }
    tellRules(report, read.setup.ruleFiles, terminal);
    return report.isUsable ? exit.ok : exit.failed;
  },
};
