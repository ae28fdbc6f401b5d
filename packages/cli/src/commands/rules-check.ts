/** `peregrine rules check`. */

import { readSetup } from '@peregrine/app/setup';
import { type Command, exit } from '../command.ts';
import { setupRequestOf, tellConfigFindings } from '../setup-options.ts';
import { isSourceThere } from '../source-option.ts';

export const rulesCheck: Command = {
  name: 'rules check',
  usage: 'FILE... [options]',
  doc: 'Says what is wrong with rules files, all of it at once. They are read in the order given, each on top of those before it. Ends with status 1 if there is an error.',
  options: [
    {
      name: 'source',
      value: 'SOURCE',
      doc: 'Rules of one source of events only, such as k8s_audit; the others are passed over.',
    },
    { name: 'json', doc: 'Findings as JSON.' },
    { name: 'config', short: 'c', value: 'FILE', doc: 'Configuration file (falco.yaml).' },
    { name: 'option', short: 'o', value: 'KEY=VALUE', doc: 'Set a key of the configuration; repeatable.' },
  ],
  examples: [
    { line: 'rules check my_rules.yaml', doc: 'One file.' },
    { line: 'rules check falco_rules.yaml local.yaml', doc: 'A file that changes rules of another.' },
    { line: 'rules check rules.d --source k8s_audit', doc: 'Of all files, the rules for the audit log.' },
    { line: 'rules check rules.d --json', doc: 'All files of a folder, findings for a program.' },
  ],
  operands: 'some',
  run: async (given, terminal) => {
    const request = {
      ...setupRequestOf(given),
      overrides: given.valuesOf('option'),
      ruleFiles: given.operands,
    };
    const read = await readSetup(request);
    await tellConfigFindings(read, terminal);
    if (read.setup === undefined) return exit.failed;
    const [{ listRules }, { renderFindings }] = await Promise.all([
      import('@peregrine/app/rules'),
      import('@peregrine/app/findings'),
    ]);
    const source = given.valueOf('source');
    const { listSources } = await import('@peregrine/app/catalogue');
    const names = listSources(read.setup.config).map(({ name }) => name);
    if (!isSourceThere(source, names, terminal)) return exit.failed;
    const { report } = listRules(read.setup, source);
    const diagnostics = report.files.flatMap((file) => file.diagnostics);
    if (given.has('json')) {
      terminal.out(`${JSON.stringify({ usable: report.isUsable, findings: diagnostics })}\n`);
    } else {
      const errorCount = diagnostics.filter(({ severity }) => severity === 'error').length;
      terminal.out(renderFindings(diagnostics, read.setup.ruleFiles, { isColourful: terminal.isColourful }));
      terminal.out(
        `${report.ruleCount} rules, ${errorCount} errors, ${diagnostics.length - errorCount} warnings\n`,
      );
    }
    return report.isUsable ? exit.ok : exit.failed;
  },
};
