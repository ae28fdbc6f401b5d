/** Fields, events and system calls that rules can use, for lists. */

import { eventFlag, eventRoster } from '@peregrine/events';
import type { FieldInfo } from '@peregrine/lang';
import { ignoredSyscalls } from '../detection/select-syscalls.ts';
import { type CatalogueConfig, createCatalogue } from './catalogue.ts';

export { builtInPlugins } from './catalogue.ts';

export interface ListedSource {
  readonly name: string;
  /** In the order of their classes; hidden ones are left out. */
  readonly fields: readonly FieldInfo[];
}

export function listSources(config: CatalogueConfig = { static_fields: {} }): readonly ListedSource[] {
  return createCatalogue(config).sources.map(({ name, fields }) => ({
    name,
    fields: fields.filter(({ isHidden }) => !isHidden),
  }));
}

export interface ListedEvent {
  readonly name: string;
  readonly category: string;
  readonly doc?: string;
  readonly params: readonly { readonly name: string; readonly type: string }[];
}

/** The event that each document of a source beside the kernel is. */
const pluginEvent = 'pluginevent';

/**
 * The events that rules of a source see, by name; of several versions of one, the latest. Sources beside the kernel have
 * one, and nothing to ask of it by name.
 */
export function listEvents(source = 'syscall'): readonly ListedEvent[] {
  if (source !== 'syscall') return eventRoster.filter(({ name }) => name === pluginEvent);
  const byName = new Map<string, ListedEvent>();
  for (const event of eventRoster) {
    if (event.name === 'NA' || event.direction === 'enter' || (event.flags & eventFlag.unused) !== 0)
      continue;
    byName.set(event.name, event);
  }
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** System calls that are not watched unless the configuration asks for all. */
export function listIgnoredSyscalls(): readonly string[] {
  return ignoredSyscalls;
}
