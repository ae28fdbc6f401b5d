/** The smaller metadata blocks of captures: the machine, its interfaces, its users and groups. */

import { blockType } from '@peregrine/events';
import type { GroupRecord, MachineRecord, StateSink, UserRecord } from '@peregrine/state';
import { Cursor } from './cursor.ts';

const SMALLEST_ENTRY_BYTES = 4;
const HOSTNAME_BYTES = 128;
const IPV6_BYTES = 16;

export function decodeMachine(body: Uint8Array): MachineRecord {
  const cursor = new Cursor(body);
  const cpuCount = cursor.u32();
  const memoryBytes = Number(cursor.bigU64());
  cursor.skip(8);
  const [hostname = ''] = cursor.bytes(HOSTNAME_BYTES).split('\0', 1);
  return { cpuCount, memoryBytes, hostname, bootTimeNs: cursor.left >= 8 ? cursor.bigU64() : 0n };
}

/** Kinds of interface entries; the last two lack the link speed and are found in old captures only. */
const interfaceKind = { ipv4: 1, ipv6: 2, ipv4NoSpeed: 3, ipv6NoSpeed: 4 } as const;

export function decodeInterfaces(type: number, body: Uint8Array, sink: StateSink): void {
  const hasSizes = type === blockType.interfaces;
  const cursor = new Cursor(body);
  while (cursor.left >= SMALLEST_ENTRY_BYTES) {
    const outer = cursor.enter(hasSizes ? cursor.u32() : cursor.left);
    const kind = cursor.u16();
    const nameBytes = cursor.u16();
    if (kind === interfaceKind.ipv4 || kind === interfaceKind.ipv4NoSpeed) {
      const address = cursor.u32Network();
      const netmask = cursor.u32Network();
      cursor.skip(4);
      if (kind === interfaceKind.ipv4) cursor.skip(8);
      sink.interface({ name: cursor.bytes(nameBytes), address, netmask });
    } else if (kind === interfaceKind.ipv6 || kind === interfaceKind.ipv6NoSpeed) {
      const address = cursor.bytes(IPV6_BYTES);
      const netmask = cursor.bytes(IPV6_BYTES);
      cursor.skip(IPV6_BYTES);
      if (kind === interfaceKind.ipv6) cursor.skip(8);
      sink.interface({ name: cursor.bytes(nameBytes), address, netmask });
    } else if (!hasSizes) {
      return;
    }
    if (hasSizes) cursor.leave(outer);
  }
}

const USER = 0;
const GROUP = 1;

/** Users and groups of a block, in its order. */
export interface AccountRecords {
  readonly users: readonly UserRecord[];
  readonly groups: readonly GroupRecord[];
}

/**
 * Decodes lists of users, and keeps the latest: the sections of a capture that was written in pieces all have the
 * same one, which is then compared rather than decoded.
 */
export class AccountList {
  #type = -1;
  #body: Uint8Array = new Uint8Array(0);
  #records: AccountRecords = { users: [], groups: [] };

  decode(type: number, body: Uint8Array): AccountRecords {
    if (type === this.#type && Buffer.compare(body, this.#body) === 0) return this.#records;
    const records = decodeAccounts(type, body);
    this.#type = type;
    this.#body = new Uint8Array(body);
    this.#records = records;
    return records;
  }
}

function decodeAccounts(type: number, body: Uint8Array): AccountRecords {
  const users: UserRecord[] = [];
  const groups: GroupRecord[] = [];
  const hasSizes = type === blockType.users;
  const cursor = new Cursor(body);
  while (cursor.left >= SMALLEST_ENTRY_BYTES) {
    const outer = cursor.enter(hasSizes ? cursor.u32() - 4 : cursor.left);
    const kind = cursor.u8();
    if (kind === USER) {
      const uid = cursor.u32();
      const gid = cursor.u32();
      const name = cursor.text();
      const home = cursor.text();
      users.push({ containerId: '', uid, gid, name, home, shell: cursor.text() });
    } else if (kind === GROUP) {
      const gid = cursor.u32();
      groups.push({ containerId: '', gid, name: cursor.text() });
    } else if (!hasSizes) {
      break;
    }
    if (hasSizes) cursor.leave(outer);
  }
  return { users, groups };
}
