/** `peregrine capture`. */

import type { EventFilter } from '@peregrine/app/event-filter';
import { confine } from '@peregrine/app/privileges';
import type { Recorded } from '@peregrine/app/record';
import { readSetup, type Setup } from '@peregrine/app/setup';
import type { Arguments } from '../arguments.ts';
import { type Command, exit } from '../command.ts';
import { notesOf } from '../notes.ts';
import {
  confineRequestOf,
  hostPlace,
  ruleOptions,
  scopeOption,
  setupRequestOf,
  tellConfigFindings,
  userOption,
} from '../setup-options.ts';
import type { Terminal } from '../terminal.ts';

const LONGEST_SECONDS = 31_536_000;

export const capture: Command = {
  name: 'capture',
  usage: '-w FILE [options]',
  doc: `Records what happens on this machine into a capture file that any tool of the family reads: the processes, open
files, users and interfaces as they are at the start, then events, until it is interrupted. Needs root.
With a filter, the events that match are written; events that change processes or open files are written too, marked so
that readers take them in and do not show them. Captures hold command lines,
environments, and the first 80 bytes of what is read and written; the file is made readable by its owner only.`,
  options: [
    {
      name: 'write',
      short: 'w',
      value: 'FILE',
      doc: 'The file to write, `-` for standard output. An older one is overwritten.',
    },
    scopeOption,
    userOption,
    {
      name: 'filter',
      short: 'f',
      value: 'CONDITION',
      doc: 'Show only events that satisfy it: a condition as rules have it.',
    },
    { name: 'seconds', short: 'M', value: 'N', doc: 'Stop after as many seconds.' },
    { name: 'max-bytes', value: 'N', doc: 'Stop before the file grows beyond that size.' },
    { name: 'compress', short: 'z', doc: 'Write gzip.' },
    ...ruleOptions.filter(({ name }) => name !== 'rules'),
  ],
  examples: [
    { line: 'capture -w trace.scap --seconds 10', doc: 'Everything that the probe sees, for ten seconds.' },
    { line: 'capture -zw web.scap.gz --scope container:0123456789ab', doc: 'One container, compressed.' },
    {
      line: "capture -w execs.scap --filter 'evt.type = execve and proc.name = curl'",
      doc: 'Events of one kind.',
    },
  ],
  operands: 'none',
  run,
};

async function run(given: Arguments, terminal: Terminal): Promise<number> {
  const path = given.valueOf('write');
  if (path === undefined) {
    terminal.fail('there is no file to write', 'name one with `-w FILE`');
    return exit.usage;
  }
  const seconds = numberOf(given, 'seconds', 0.001, LONGEST_SECONDS);
  const maxBytes = numberOf(given, 'max-bytes', 1, Number.MAX_SAFE_INTEGER);
  for (const { complaint } of [seconds, maxBytes]) {
    if (complaint === undefined) continue;
    terminal.fail(complaint);
    return exit.usage;
  }
  const request = { ...setupRequestOf(given), ruleFiles: [] };
  const confinement = await confine({ ...confineRequestOf(request), writes: path === '-' ? [] : [path] });
  const read = await readSetup(request);
  await tellConfigFindings(read, terminal);
  if (read.setup === undefined) return exit.failed;
  const { config } = read.setup;
  const condition = given.valueOf('filter');
  const filter = condition === undefined ? undefined : await filterOf(condition, config, terminal);
  if (condition !== undefined && filter === undefined) return exit.failed;

  const { recordMachine } = await import('@peregrine/app/record');
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const recorded = await recordMachine({
    config,
    path,
    isCompressed: given.has('compress'),
    maxBytes: maxBytes.value ?? 0,
    scope: given.valueOf('scope'),
    hostRoot: hostPlace().hostRoot,
    log: notesOf(config.log_level, terminal),
    confinement,
    filter,
    signal: stop.signal,
    onStarted: (title) => {
      terminal.note(`recording into \`${path}\`: ${title}`);
      if (seconds.value !== undefined) setTimeout(() => stop.abort(), seconds.value * 1_000);
    },
  });
  for (const line of summaryOf(recorded)) terminal.note(line);
  return exit.ok;
}

async function filterOf(
  condition: string,
  config: Setup['config'],
  terminal: Terminal,
): Promise<EventFilter | undefined> {
  const { openFilter } = await import('@peregrine/app/event-filter');
  const { filter, file, report } = await openFilter(condition, config, (text) => terminal.warn(text));
  const diagnostics = report.files.flatMap(({ diagnostics }) => diagnostics);
  if (diagnostics.length > 0) {
    const { renderFindings } = await import('@peregrine/app/findings');
    terminal.err(renderFindings(diagnostics, [file], { isColourful: terminal.isColourful }));
  }
  return filter;
}

function summaryOf({
  eventCount,
  stateOnlyCount,
  writtenBytes,
  isFull,
  losses,
}: Recorded): readonly string[] {
  const marked = stateOnlyCount === 0 ? '' : `, ${count(stateOnlyCount)} of them to keep the tables complete`;
  const lost = Object.entries(losses).filter(([, n]) => n > 0);
  return [
    ...(isFull ? ['the limit of size is reached'] : []),
    `${count(eventCount)} events${marked}, ${count(writtenBytes)} bytes`,
    ...(lost.length === 0 ? [] : [`lost: ${lost.map(([why, n]) => `${count(n)} ${why}`).join(', ')}`]),
  ];
}

function count(n: number): string {
  return n.toLocaleString('en');
}

function numberOf(
  given: Arguments,
  name: string,
  least: number,
  most: number,
): { readonly value?: number; readonly complaint?: string } {
  const written = given.valueOf(name);
  if (written === undefined) return {};
  const value = Number(written);
  if (written.trim() !== '' && value >= least && value <= most) return { value };
  return { complaint: `\`--${name} ${written}\` is not a number from ${least} to ${most}` };
}
