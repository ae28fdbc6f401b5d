/** Events that no thread makes: users, groups and containers that become known or go. */

import type { EventView } from '@peregrine/events';
import { decodeContainerEvent } from '../containers/container-event.ts';
import type { CurrentEvent } from '../event-context.ts';
import type { World } from '../world.ts';
import type { TransitionFamily } from './transition.ts';

const CONTAINER_ADDED = 'container';
const CONTAINER_REMOVED = 'container_removed';

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
function async(world: World, _event: CurrentEvent, view: EventView): void {
  const name = view.text(1);
  if (name === CONTAINER_ADDED) addContainer(world, view.text(2) ?? '');
  else if (name === CONTAINER_REMOVED) removeContainer(world, view.text(2) ?? '');
}

function addContainer(world: World, json: string): void {
  const container = decodeContainerEvent(json);
  if (container === undefined) {
    world.counters.n_bad_container_evts++;
    return;
  }
  const known = world.containers.container(container.id);
  world.containers.set(known === undefined ? container : { ...container, startNs: known.startNs });
  world.resetAllTerms();
}

function removeContainer(world: World, json: string): void {
  const container = decodeContainerEvent(json);
  if (container === undefined) {
    world.counters.n_bad_container_evts++;
    return;
  }
  world.containers.remove(container.id);
  world.users.removeContainer(container.id);
  world.resetAllTerms();
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
