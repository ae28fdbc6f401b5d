/** `peregrine top`. */

import { confine } from '@peregrine/app/privileges';
import { readSetup } from '@peregrine/app/setup';
import { type Command, exit } from '../command.ts';
import {
  confineRequestOf,
  hostname,
  ruleOptions,
  scopeOption,
  setupRequestOf,
  tellConfigFindings,
  userOption,
} from '../setup-options.ts';
import { tellRules } from '../tell-rules.ts';

const DEFAULT_INTERVAL_SECONDS = 2;

/** It only looks: no alerts, no files, no port. */
const quietly: readonly string[] = [
  'stdout_output.enabled=false',
  'file_output.enabled=false',
  'syslog_output.enabled=false',
  'program_output.enabled=false',
  'http_output.enabled=false',
  'webserver.enabled=false',
  'metrics.enabled=false',
  'syscall_event_drops={actions: [ignore]}',
  'coverage_ledger={alert: false, log: false}',
];

export const top: Command = {
  name: 'top',
  usage: '[options]',
  doc: 'Shows who makes events, what rules cost, what is lost, and the CPU time of the kernel programs. Needs root.\nIt watches with a probe of its own, beside a sensor that may be running, and makes no alerts. `q` ends it.',
  options: [
    ...ruleOptions,
    scopeOption,
    userOption,
    { name: 'interval', short: 'i', value: 'SECONDS', doc: 'Time between two views; 2 unless stated.' },
    { name: 'once', doc: 'Show one view and end.' },
    { name: 'json', doc: 'Views as JSON, one to a line.' },
  ],
  examples: [
    { line: 'top', doc: 'Watch everything with the rules that come along.' },
    { line: 'top -r my_rules.yaml -i 5', doc: 'What your own rules cost, every five seconds.' },
    {
      line: 'top --once --json --scope container:0123456789ab',
      doc: 'One container, for a program to read.',
    },
  ],
  operands: 'none',
  run: async (given, terminal) => {
    const written = given.valueOf('interval');
    const seconds = written === undefined ? DEFAULT_INTERVAL_SECONDS : Number(written);
    if (!(seconds >= 0.1 && seconds <= 3_600)) {
      terminal.fail(`\`--interval ${written}\` is not a number of seconds from 0.1 to 3600`);
      return exit.usage;
    }
    const request = setupRequestOf(given);
    const quiet = { ...request, overrides: [...request.overrides, ...quietly] };
    const confinement = await confine({ ...confineRequestOf(quiet), countsRunTimes: true });
    const read = await readSetup(quiet);
    await tellConfigFindings(read, terminal);
    if (read.setup === undefined) return exit.failed;
    const { ruleFiles } = read.setup;
    const { runTop } = await import('../top/run-top.ts');
    await runTop({
      setup: read.setup,
      paths: read.paths,
      hostname: await hostname(),
      scope: given.valueOf('scope'),
      intervalMs: seconds * 1_000,
      isOnce: given.has('once'),
      isJson: given.has('json'),
      terminal,
      confinement,
      onRules: (report) => tellRules(report, ruleFiles, terminal),
    });
    return exit.ok;
  },
};
