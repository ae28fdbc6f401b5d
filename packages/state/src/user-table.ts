/** Users and groups of the host (container id `''`) and of containers. */

import type { StateCounters } from './counters.ts';
import type { StateLimits } from './options.ts';
import type { GroupRecord, UserRecord } from './state-sink.ts';
import type { Group, User } from './tables.ts';

export class UserTable {
  readonly #limits: StateLimits;
  readonly #counters: StateCounters;
  readonly #users = new Map<string, Map<number, User>>();
  readonly #groups = new Map<string, Map<number, Group>>();
  #userCount = 0;
  #groupCount = 0;

  constructor(limits: StateLimits, counters: StateCounters) {
    this.#limits = limits;
    this.#counters = counters;
  }

  clear(): void {
    this.#users.clear();
    this.#groups.clear();
    this.#userCount = 0;
    this.#groupCount = 0;
  }

  user(containerId: string, uid: number): User | undefined {
    return this.#users.get(containerId)?.get(uid);
  }

  group(containerId: string, gid: number): Group | undefined {
    return this.#groups.get(containerId)?.get(gid);
  }

  addUser(record: UserRecord): void {
    const table = tableOf(this.#users, record.containerId);
    if (!table.has(record.uid)) {
      if (this.#userCount >= this.#limits.users) {
        this.#counters.n_drops_full_usertable++;
        return;
      }
      this.#userCount++;
    }
    table.set(record.uid, record);
  }

  removeUser(containerId: string, uid: number): void {
    const table = this.#users.get(containerId);
    if (table?.delete(uid)) this.#userCount--;
    if (table?.size === 0) this.#users.delete(containerId);
  }

  addGroup(record: GroupRecord): void {
    const table = tableOf(this.#groups, record.containerId);
    if (!table.has(record.gid)) {
      if (this.#groupCount >= this.#limits.groups) {
        this.#counters.n_drops_full_grouptable++;
        return;
      }
      this.#groupCount++;
    }
    table.set(record.gid, record);
  }

  removeGroup(containerId: string, gid: number): void {
    const table = this.#groups.get(containerId);
    if (table?.delete(gid)) this.#groupCount--;
    if (table?.size === 0) this.#groups.delete(containerId);
  }

  /** Without those of containers. */
  hostUsers(): Iterable<UserRecord> {
    return recordsOf(this.#users, (user) => ({ ...user, containerId: '' }));
  }

  hostGroups(): Iterable<GroupRecord> {
    return recordsOf(this.#groups, (group) => ({ ...group, containerId: '' }));
  }

  /** A container is gone: its users and groups with it. */
  removeContainer(containerId: string): void {
    this.#userCount -= this.#users.get(containerId)?.size ?? 0;
    this.#groupCount -= this.#groups.get(containerId)?.size ?? 0;
    this.#users.delete(containerId);
    this.#groups.delete(containerId);
  }
}

function tableOf<T>(tables: Map<string, Map<number, T>>, containerId: string): Map<number, T> {
  let table = tables.get(containerId);
  if (table === undefined) {
    table = new Map();
    tables.set(containerId, table);
  }
  return table;
}

function* recordsOf<T, R>(tables: Map<string, Map<number, T>>, record: (entry: T) => R): Generator<R> {
  for (const entry of tables.get('')?.values() ?? []) yield record(entry);
}
