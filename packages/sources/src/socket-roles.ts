/**
 * Roles of sockets that were open before the first event: which end is the server is told by the ports that are
 * listened on, so all must be known first. Used by what lists open descriptors.
 */

import { type FdRecord, fdFlag, fdKind, l4, type StateSink } from '@peregrine/state';

export class SocketRoles {
  readonly #sink: StateSink;
  #held: FdRecord[] = [];
  readonly #serverPorts = new Set<number>();

  constructor(sink: StateSink) {
    this.#sink = sink;
  }

  /** Passes a record on, or holds it back until the roles are known. */
  fd(record: FdRecord): void {
    switch (record.kind) {
      case fdKind.ipv4:
      case fdKind.ipv6:
        this.#held.push(record);
        return;
      case fdKind.ipv4Server:
      case fdKind.ipv6Server:
        this.#serverPorts.add(record.destinationPort);
        this.#sink.fd({ ...record, flags: record.flags | fdFlag.roleServer });
        return;
      default:
        this.#sink.fd(record);
    }
  }

  /** All records are in: passes on those that were held, turned so that the client comes first. */
  settle(): void {
    for (const record of this.#held)
      this.#sink.fd(withRole(record, this.#serverPorts.has(record.sourcePort)));
    this.reset();
  }

  reset(): void {
    this.#held = [];
    this.#serverPorts.clear();
  }
}

function withRole(record: FdRecord, isServer: boolean): FdRecord {
  const flags = record.flags | (record.l4 === l4.tcp ? fdFlag.connected : 0);
  if (!isServer) return { ...record, flags: flags | fdFlag.roleClient };
  return {
    ...record,
    flags: flags | fdFlag.roleServer,
    sourceIp: record.destinationIp,
    sourcePort: record.destinationPort,
    destinationIp: record.sourceIp,
    destinationPort: record.sourcePort,
  };
}
