/** Reference of events: what rules may name in `evt.type`, with the parameters of each. */

import { type EventType, eventFlag, eventRoster } from '@peregrine/events';
import { code, groupBy, type Page, section, table } from './markdown.ts';

export function eventsPage(): Page {
  const delivered = eventRoster.filter(isDelivered);
  const byCategory = [...groupBy(delivered, (type) => type.category)].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    name: 'events.md',
    title: 'Events',
    summary: 'What rules may name in `evt.type`, and the parameters that `evt.arg.NAME` gives.',
    body: [
      'Rules see a system call when it returns. Its first parameter is what it returned, which `evt.rawres` gives as a',
      'number and `evt.res` as `SUCCESS` or the name of the error. System calls without a row here are events as well: they',
      'have a name in `evt.type`, and no parameters.',
      '',
      ...byCategory.flatMap(([category, types]) => [eventsOf(category, types), '']),
    ].join('\n'),
  };
}

/** Current forms of what reaches rules: exits of calls, and events that have one side only. */
function isDelivered(type: EventType): boolean {
  if ((type.flags & (eventFlag.unused | eventFlag.oldVersion)) !== 0 || type.doc === undefined) return false;
  if (type.kind === 'syscall') return type.direction === 'exit';
  return type.kind === 'tracepoint' || type.name === 'asyncevent' || type.name === 'pluginevent';
}

function eventsOf(category: string, types: readonly EventType[]): string {
  const rows = [...types]
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.code - b.code))
    .map((type) => [
      code(type.name),
      type.doc ?? '',
      type.params.map((param) => `${code(param.name)} ${param.type}`).join(', '),
    ]);
  return section(`Category ${code(category)}`, table(['event', 'meaning', 'parameters'], rows));
}
