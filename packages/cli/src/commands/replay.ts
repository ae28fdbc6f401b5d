/** `peregrine replay`. */

import { type Config, notesOn } from '@peregrine/app/config';
import { jsonSources } from '@peregrine/app/plugins';
import { readSetup } from '@peregrine/app/setup';
import type { Arguments } from '../arguments.ts';
import { type Command, exit } from '../command.ts';
import { notesOf } from '../notes.ts';
import { alertOptions, hostname, ruleOptions, setupRequestOf, tellConfigFindings } from '../setup-options.ts';
import { tellRules } from '../tell-rules.ts';
import type { Terminal } from '../terminal.ts';

export const replay: Command = {
  name: 'replay',
  usage: 'FILE... [options]',
  doc: 'Runs rules over recorded events and writes the alerts. A file is a capture, or holds JSON events, such as the audit log of Kubernetes; `-` is JSON from standard input. Alerts alone go to standard output.',
  options: [
    ...ruleOptions,
    ...alertOptions,
    {
      name: 'source',
      value: 'SOURCE',
      doc: 'The files hold JSON events of this source; without it, what they hold is looked at.',
    },
    { name: 'summary', short: 's', doc: 'At the end, write counts of events and alerts to standard error.' },
  ],
  examples: [
    { line: 'replay trace.scap', doc: 'The rules that come along, on one recording.' },
    { line: 'replay trace.scap.gz -r my_rules.yaml --json', doc: 'Your own rules, alerts as JSON.' },
    { line: 'replay audit.log', doc: 'Audit events of Kubernetes, one to a line.' },
    {
      line: 'replay a.scap b.scap --matching all -o priority=warning',
      doc: 'Every urgent rule that matches.',
    },
  ],
  operands: 'some',
  run: async (given, terminal) => {
    const { documentSourceOf } = await import('@peregrine/app/document-file');
    const sources = given.operands.flatMap((path) => given.valueOf('source') ?? documentSourceOf(path) ?? []);
    const read = await readSetup({ ...setupRequestOf(given), sources });
    await tellConfigFindings(read, terminal);
    if (read.setup === undefined) return exit.failed;
    for (const note of notesOn(read.setup.config)) terminal.note(note);
    const { setup } = read;
    const source = sourceOf(given, setup.config, terminal);
    if (source === 'unknown') return exit.failed;
    const { replay: run } = await import('@peregrine/app/replay');
    const stop = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
    const startMs = performance.now();
    let firstEventMs = startMs;
    const statistics = await run({
      setup,
      captures: given.operands,
      ...(source === undefined ? {} : { source }),
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

/** `undefined`: none is named; `unknown`: the user was told so. */
function sourceOf(given: Arguments, config: Config, terminal: Terminal): string | undefined {
  const asked = given.valueOf('source') ?? (given.operands.includes('-') ? 'json' : undefined);
  const known = jsonSources(config);
  if (asked === undefined || known.includes(asked)) return asked;
  terminal.fail(`there is no source \`${asked}\` of JSON events`, `there is: ${known.join(', ')}`);
  return 'unknown';
}
