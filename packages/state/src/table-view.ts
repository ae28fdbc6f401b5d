/** The tables as fields read them. */

import type { IpAddress } from '@peregrine/base';
import { HOST } from './containers/match.ts';
import type { SessionOrigin } from './exec-session.ts';
import type { Fd } from './fd.ts';
import type { InterfaceRecord, MachineRecord } from './state-sink.ts';
import type { Container, Group, Tables, User } from './tables.ts';
import type { Thread } from './thread.ts';
import type { World } from './world.ts';

export class TableView implements Tables {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  get machine(): MachineRecord | undefined {
    return this.#world.machine;
  }

  get interfaces(): readonly InterfaceRecord[] {
    return this.#world.interfaces;
  }

  thread(tid: number): Thread | undefined {
    return this.#world.threads.find(tid);
  }

  fd(thread: Thread, fd: number): Fd | undefined {
    return fd < 0 ? undefined : thread.process.fds.get(fd);
  }

  user(containerId: string, uid: number): User | undefined {
    return this.#world.users.user(containerId === HOST ? '' : containerId, uid);
  }

  group(containerId: string, gid: number): Group | undefined {
    return this.#world.users.group(containerId === HOST ? '' : containerId, gid);
  }

  container(id: string): Container | undefined {
    return this.#world.containers.container(id);
  }

  containers(): Iterable<Container> {
    return this.#world.containers.all();
  }

  attachment(containerId: string): SessionOrigin | undefined {
    return this.#world.attachments.get(containerId);
  }

  isLocalAddress(address: IpAddress): boolean {
    return this.#world.localAddresses.has(address);
  }

  get threadCount(): number {
    return this.#world.threads.size;
  }
}
