/** The container of an event as the tables know it. */

import type { Container, ContainerMetadata, EventContext, Thread } from '@peregrine/state';
import { ASYNC_EVENT } from './event-params.ts';

/** What rules see as the container of a process that is in none. */
export const HOST = 'host';

/** Stands for metadata that are told of later than events of their container, if at all: see `BoundField.awaits`. */
export const CONTAINER_METADATA = 'container';

/** Container id for lookups: `''` for the host. */
export function containerOf(thread: Thread): string {
  return thread.containerId === HOST ? '' : thread.containerId;
}

export function isOnHost(thread: Thread): boolean {
  return thread.containerId === HOST || thread.containerId === '';
}

/** The container that the event tells of, else that of its thread; `undefined` on the host and for unknown ones. */
export function knownContainer(event: EventContext): Container | undefined {
  const { thread } = event;
  if (thread !== undefined) return event.tables.container(thread.containerId);
  return event.view.code === ASYNC_EVENT ? event.container : undefined;
}

export function metadataOf(event: EventContext): ContainerMetadata | undefined {
  return knownContainer(event)?.metadata;
}
