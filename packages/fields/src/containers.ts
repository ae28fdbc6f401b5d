/** A thread's container as the tables know it. */

import type { Container, ContainerMetadata, EventContext, Thread } from '@peregrine/state';

/** What rules see as the container of a process that is in none. */
export const HOST = 'host';

/** Container id for lookups: `''` for the host. */
export function containerOf(thread: Thread): string {
  return thread.containerId === HOST ? '' : thread.containerId;
}

export function isOnHost(thread: Thread): boolean {
  return thread.containerId === HOST || thread.containerId === '';
}

export function knownContainer(event: EventContext, thread: Thread): Container | undefined {
  return event.tables.container(thread.containerId);
}

export function metadataOf(event: EventContext, thread: Thread): ContainerMetadata | undefined {
  return event.tables.container(thread.containerId)?.metadata;
}
