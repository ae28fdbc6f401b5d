/** `peregrine up`. */

import { notesOn } from '@peregrine/app/config';
import { isKernelWanted } from '@peregrine/app/plugins';
import { confine } from '@peregrine/app/privileges';
import { readSetup } from '@peregrine/app/setup';
import { type Command, exit } from '../command.ts';
import { notesOf } from '../notes.ts';
import { runLive } from '../run-live.ts';
import {
  alertOptions,
  confineHubRequestOf,
  dryRunOption,
  hostname,
  hubOption,
  noUiOption,
  ruleOptions,
  scopeOption,
  setupRequestOf,
  tellConfigFindings,
  userOption,
} from '../setup-options.ts';
import { tellRules } from '../tell-rules.ts';

export const up: Command = {
  name: 'up',
  usage: '[options]',
  doc: 'Watches this machine, writes an alert for each event that a rule describes, and shows them at http://127.0.0.1:2802. Needs root.\nSIGHUP loads configuration and rules again, SIGUSR1 reopens the outputs.',
  options: [...ruleOptions, ...alertOptions, hubOption, scopeOption, dryRunOption, userOption, noUiOption],
  examples: [
    { line: 'up', doc: 'Watch everything with the rules that come along.' },
    { line: 'up -r my_rules.yaml --json', doc: 'Your own rules, alerts as JSON.' },
    { line: 'up --hub hub.yaml', doc: 'And deliver alerts as that configuration says.' },
    { line: 'up --scope cgroup:/system.slice', doc: 'System services only.' },
    { line: 'up --user peregrine', doc: 'As that user, with the capabilities that it takes.' },
    { line: 'up -c /etc/falco/falco.yaml', doc: 'As that configuration says.' },
  ],
  operands: 'none',
  run: async (given, terminal) => {
    const request = setupRequestOf(given);
    const confinement = await confine({ ...confineHubRequestOf(request), watchesKernel: isKernelWanted });
    const read = await readSetup(request);
    await tellConfigFindings(read, terminal);
    if (read.setup === undefined) return exit.failed;
    for (const note of notesOn(read.setup.config)) terminal.note(note);
    await runLive({
      request,
      read,
      setup: read.setup,
      hostname: await hostname(),
      programName: terminal.name,
      scope: given.valueOf('scope'),
      isUiWanted: !given.has('no-ui') && process.env.PEREGRINE_UI !== 'off',
      confinement,
      log: notesOf(read.setup.config.log_level, terminal),
      onRules: (report, files) => tellRules(report, files, terminal),
      onFindings: (found) => tellConfigFindings(found, terminal),
    });
    return exit.ok;
  },
};
