/** `peregrine rules filters`. */

import type { ShownCondition, ShownEvent, ShownFilters } from '@peregrine/app/filters';
import { readSetup } from '@peregrine/app/setup';
import { type Command, exit } from '../command.ts';
import { setupRequestOf, tellConfigFindings } from '../setup-options.ts';
import { tellRules } from '../tell-rules.ts';

/** More than this of one kind are counted, not listed. */
const MOST_LISTED = 12;

export const rulesFilters: Command = {
  name: 'rules filters',
  usage: '[FILE...] [options]',
  doc: 'Shows which events the kernel reports for rules, and for which of them. What no rule can match and no table needs is left out before it costs anything.',
  options: [
    { name: 'json', doc: 'As JSON.' },
    { name: 'config', short: 'c', value: 'FILE', doc: 'Configuration file (falco.yaml).' },
    { name: 'option', short: 'o', value: 'KEY=VALUE', doc: 'Set a key of the configuration; repeatable.' },
  ],
  examples: [
    { line: 'rules filters', doc: 'For the rules that come along.' },
    { line: 'rules filters my_rules.yaml', doc: 'For your own: which of them keeps the kernel busy?' },
    { line: 'rules filters --json', doc: 'For a program.' },
  ],
  operands: 'any',
  run: async (given, terminal) => {
    const request = {
      ...setupRequestOf(given),
      overrides: given.valuesOf('option'),
      ruleFiles: given.operands,
    };
    const read = await readSetup(request);
    await tellConfigFindings(read, terminal);
    if (read.setup === undefined) return exit.failed;
    const { showFilters } = await import('@peregrine/app/filters');
    const { report, filters } = showFilters(read.setup);
    if (filters !== undefined)
      terminal.out(given.has('json') ? `${JSON.stringify(filters)}\n` : renderFilters(filters));
    tellRules(report, read.setup.ruleFiles, terminal);
    return report.isUsable ? exit.ok : exit.failed;
  },
};

function renderFilters({ offReason, events }: ShownFilters): string {
  const lines = offReason === undefined ? [] : [`everything passes: ${offReason}`, ''];
  const opens = events.filter(({ passes }) => passes === 'matching');
  for (const { conditions } of opens.slice(0, 1)) {
    lines.push(
      `${opens.map(({ event }) => event).join(', ')}: reported when a directory is opened, when its descriptor is known from before, or`,
    );
    for (const condition of conditions) lines.push(`  ${renderCondition(condition)}`);
    if (conditions.length === 0) lines.push('  never for a rule');
  }
  for (const [passes, condition] of Object.entries(conditionOf)) {
    const names = events.filter((event) => event.passes === passes).map(({ event }) => event);
    if (names.length > 0) lines.push(`${names.join(', ')}: ${condition}`);
  }
  if (lines.length > 0) lines.push('');
  for (const event of events.filter(({ passes }) => passes === 'all')) lines.push(renderEvent(event));
  return `${lines.join('\n')}\n`;
}

/** By `passes`. */
const conditionOf: Readonly<Record<string, string>> = {
  'known-fd': 'reported when a descriptor of theirs has been reported before',
  'when-used': 'a TCP connection is reported when something else that is reported uses it, all else at once',
  'not-untold': 'reported unless they go over a connection whose accept was not',
};

function renderCondition({ result, flags, paths, rules }: ShownCondition): string {
  const parts = [
    result === 'any' ? '' : `result ${result}`,
    flags.length === 0 ? '' : `flags ${flags.join('|')}`,
    paths.length === 0 ? 'any path' : `path ${listed(paths)}`,
  ];
  return `${parts.filter((part) => part !== '').join(', ')}  <- ${listed(rules)}`;
}

function renderEvent({ event, rules, isForTables }: ShownEvent): string {
  const readers = [...(isForTables ? ['the tables'] : []), ...rules];
  return `${event}: all  <- ${listed(readers)}`;
}

function listed(items: readonly string[]): string {
  const rest = items.length - MOST_LISTED;
  return rest <= 0 ? items.join('; ') : `${items.slice(0, MOST_LISTED).join('; ')} and ${rest} more`;
}
