/** What is to be said of a service that keeps messages, beside its address. */

export interface QueueSettings {
  /** Consumer group of Kafka, queue group of NATS, durable consumer of JetStream. */
  readonly group: string;
  /** Stream of JetStream; `''`: plain subjects, which keep nothing. */
  readonly stream: string;
  /** Where reading begins for a group that has read nothing yet. */
  readonly startAt: 'newest' | 'oldest';
  readonly user: string;
  readonly password: string;
  readonly saslMechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  /** File of NATS with a user's token and key; `''`: none. */
  readonly credentialsFile: string;
  /** File with the authorities of the server's certificate; `''`: those of the system. */
  readonly serverAuthority: string;
  /** File with certificate and key of this client; `''`: none. */
  readonly clientCertificate: string;
}

export interface QueueAddress {
  readonly service: 'nats' | 'kafka';
  readonly isTls: boolean;
  /** `HOST:PORT`, several perhaps. */
  readonly servers: readonly string[];
  /** Subject or topic. */
  readonly name: string;
}

const ADDRESS = /^(nats|kafka)(\+tls)?:\/\/([^/\s]+)\/([^/\s]+)$/;
const SERVER = /^(?:\[[0-9a-fA-F:.]+\]|[^[\]:,@]+)(?::\d{1,5})?$/;
const PORTS = { nats: '4222', kafka: '9092' } as const;

/** `undefined`: it is none. */
export function queueAddressOf(address: string): QueueAddress | undefined {
  const [, service, tls, hosts = '', name = ''] = ADDRESS.exec(address) ?? [];
  if (service !== 'nats' && service !== 'kafka') return undefined;
  const servers = hosts.split(',');
  if (!servers.every((server) => SERVER.test(server))) return undefined;
  return {
    service,
    isTls: tls !== undefined,
    servers: servers.map((server) => (/:\d+$/.test(server) ? server : `${server}:${PORTS[service]}`)),
    name,
  };
}
