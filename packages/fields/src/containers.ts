/** A thread's container as the tables know it. */

import type { EventContext, Tables, Thread } from '@peregrine/state';

export type Container = NonNullable<ReturnType<Tables['container']>>;
export type ContainerMetadata = NonNullable<Container['metadata']>;
export type ContainerMount = ContainerMetadata['mounts'][number];

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
