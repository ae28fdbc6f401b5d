/** `peregrine replay`. */

import { notesOn } from '@peregrine/app/config';
import { readSetup } from '@peregrine/app/setup';
import { type Command, exit } from '../command.ts';
import { notesOf } from '../notes.ts';
import { alertOptions, hostname, ruleOptions, setupRequestOf, tellConfigFindings } from '../setup-options.ts';
import { tellRules } from '../tell-rules.ts';

export const replay: Command = {
  name: 'replay',
  usage: 'CAPTURE... [options]',
  doc: 'Runs rules over recorded events and writes the alerts. Alerts alone go to standard output.',
  options: [
    ...ruleOptions,
    ...alertOptions,
    { name: 'summary', short: 's', doc: 'At the end, write counts of events and alerts to standard error.' },
  ],
  examples: [
    { line: 'replay trace.scap', doc: 'The rules that come along, on one recording.' },
    { line: 'replay trace.scap.gz -r my_rules.yaml --json', doc: 'Your own rules, alerts as JSON.' },
    {
      line: 'replay a.scap b.scap --matching all -o priority=warning',
      doc: 'Every urgent rule that matches.',
    },
  ],
  operands: 'some',
  run: async (given, terminal) => {
    const read = await readSetup(setupRequestOf(given));
    await tellConfigFindings(read, terminal);
    if (read.setup === undefined) return exit.failed;
    for (const note of notesOn(read.setup.config)) terminal.note(note);
    const { setup } = read;
    const { replay: run } = await import('@peregrine/app/replay');
    const stop = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
    const startMs = performance.now();
    let firstEventMs = startMs;
    const statistics = await run({
      setup,
      captures: given.operands,
      hostname: await hostname(),
      programName: terminal.name,
      log: notesOf(setup.config.log_level, terminal),
      onRules: (report) => {
        tellRules(report, setup.ruleFiles, terminal);
        firstEventMs = performance.now();
      },
      signal: stop.signal,
    });
    if (statistics === undefined) return exit.failed;
    if (given.has('summary')) {
      const seconds = (performance.now() - firstEventMs) / 1000;
      const alerts = statistics.matches.reduce((sum, { count }) => sum + count, 0);
      const rate = Math.round(statistics.events / seconds).toLocaleString('en');
      terminal.note(
        `${statistics.events.toLocaleString('en')} events, ${alerts} alerts, ${seconds.toFixed(2)} s (${rate} events a second), rules in ${(firstEventMs - startMs).toFixed(0)} ms`,
      );
    }
    return exit.ok;
  },
};
