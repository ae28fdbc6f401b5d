/** `peregrine sources check`. */

import { readSetup } from '@peregrine/app/setup';
import { type Command, exit } from '../command.ts';
import { setupRequestOf, tellConfigFindings } from '../setup-options.ts';

export const sourcesCheck: Command = {
  name: 'sources check',
  usage: '[options]',
  doc: 'Says whether the sources of events that a configuration sets up beside the kernel can be read: sends an event through web servers, looks at files, asks services. On a control plane node, it says what the API server still needs. Ends with status 1 if something is missing.',
  options: [
    { name: 'config', short: 'c', value: 'FILE', doc: 'Configuration file (falco.yaml).' },
    { name: 'option', short: 'o', value: 'KEY=VALUE', doc: 'Set a key of the configuration; repeatable.' },
    { name: 'json', doc: 'Findings as JSON.' },
  ],
  examples: [{ line: 'sources check -c /etc/falco/falco.yaml', doc: 'All sources of that configuration.' }],
  operands: 'none',
  run: async (given, terminal) => {
    const read = await readSetup({ ...setupRequestOf(given), ruleFiles: [] });
    await tellConfigFindings(read, terminal);
    if (read.setup === undefined) return exit.failed;
    const { checkSources } = await import('@peregrine/app/check-sources');
    const checked = await checkSources(read.setup.config);
    if (given.has('json')) terminal.out(`${JSON.stringify(checked)}\n`);
    else {
      for (const { source, plugin, findings } of checked) {
        terminal.out(`${source} (${plugin})\n`);
        for (const { isGood, text, hint } of findings)
          terminal.out(
            `  ${isGood ? 'ok     ' : 'missing'}  ${text}\n${hint === undefined ? '' : `           ${hint}\n`}`,
          );
      }
      if (checked.length === 0)
        terminal.note(
          'no source is set up beside the kernel: `plugins` of the configuration says which there are',
        );
    }
    const isAllGood = checked.every(({ findings }) => findings.every(({ isGood }) => isGood));
    return checked.length > 0 && isAllGood ? exit.ok : exit.failed;
  },
};
