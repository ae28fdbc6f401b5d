/** Events that no thread makes: users, groups and containers that become known or go. */

import type { EventView } from '@peregrine/events';
import { containerEventName, decodeContainerEvent } from '../containers/container-event.ts';
import type { CurrentEvent } from '../event-context.ts';
import type { Container } from '../tables.ts';
import type { World } from '../world.ts';
import type { TransitionFamily } from './transition.ts';

function userAdded(world: World, _event: CurrentEvent, view: EventView): void {
  world.users.addUser({
    uid: view.u32(0),
    gid: view.u32(1),
    name: view.text(2) ?? '',
    home: view.text(3) ?? '',
    shell: view.text(4) ?? '',
    containerId: view.text(5) ?? '',
  });
  world.resetAllTerms();
}

function userDeleted(world: World, _event: CurrentEvent, view: EventView): void {
  world.users.removeUser(view.text(5) ?? '', view.u32(0));
  world.resetAllTerms();
}

function groupAdded(world: World, _event: CurrentEvent, view: EventView): void {
  world.users.addGroup({ gid: view.u32(0), name: view.text(1) ?? '', containerId: view.text(2) ?? '' });
  world.resetAllTerms();
}

function groupDeleted(world: World, _event: CurrentEvent, view: EventView): void {
  world.users.removeGroup(view.text(2) ?? '', view.u32(0));
  world.resetAllTerms();
}

function containerJson(world: World, _event: CurrentEvent, view: EventView): void {
  addContainer(world, view.text(0) ?? '');
}

/** An asynchronous event of a plugin: only those of containers concern the tables. */
function async(world: World, event: CurrentEvent, view: EventView): void {
  const name = view.text(1);
  if (name === containerEventName.added) event.container = addContainer(world, view.text(2) ?? '');
  else if (name === containerEventName.removed) event.container = removeContainer(world, view.text(2) ?? '');
  else event.container = undefined;
}

function addContainer(world: World, json: string): Container | undefined {
  const container = decode(world, json);
  if (container === undefined) return undefined;
  const known = world.containers.container(container.id);
  const entry = known === undefined ? container : { ...container, startNs: known.startNs };
  world.containers.set(entry);
  world.resetTermsIn(entry.id);
  return entry;
}

/** Gives the container as it was known. */
function removeContainer(world: World, json: string): Container | undefined {
  const container = decode(world, json);
  if (container === undefined) return undefined;
  const known = world.containers.container(container.id);
  world.containers.remove(container.id);
  world.users.removeContainer(container.id);
  world.resetTermsIn(container.id);
  return known ?? container;
}

function decode(world: World, json: string): Container | undefined {
  const container = decodeContainerEvent(json);
  if (container === undefined) world.counters.n_bad_container_evts++;
  return container;
}

export const metaTransitions: TransitionFamily = {
  name: 'meta',
  threadless: {
    272: containerJson,
    324: containerJson,
    354: userAdded,
    356: userDeleted,
    358: groupAdded,
    360: groupDeleted,
    402: async,
  },
};
