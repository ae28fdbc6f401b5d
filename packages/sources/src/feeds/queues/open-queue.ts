/** Feeds of services that keep messages. Their clients are loaded when one is opened, and not before. */

import { readFileSync } from 'node:fs';
import { Fault } from '@peregrine/base';
import type { Complaints } from '../complaints.ts';
import type { FeedCounters } from '../feed-counters.ts';
import type { Unpacker } from '../unpack.ts';
import { QueueFeed } from './queue-feed.ts';
import { type QueueAddress, type QueueSettings, queueAddressOf } from './queue-settings.ts';

export interface OpenQueueOptions {
  readonly settings: QueueSettings;
  readonly unpacker: Unpacker;
  readonly counters: FeedCounters;
  readonly complaints: Complaints;
  readonly mostMessageBytes: number;
  /** Of messages that were taken and are not acknowledged yet, where the service does not limit them itself. */
  readonly mostWaitingBytes: number;
}

/** Files of TLS as they were when the feed was opened. */
export interface ClientTls {
  readonly ca: string | undefined;
  readonly identity: string | undefined;
}

/** Throws a `Fault` when address or files are wrong. That nobody answers there is no reason: it is tried again. */
export async function openQueue(text: string, options: OpenQueueOptions): Promise<QueueFeed> {
  const address = queueAddressOf(text);
  if (address === undefined)
    throw new Fault('source-address', `\`${text}\` is no address to read messages from`, {
      hint: 'such as `nats://HOST:PORT/SUBJECT` or `kafka://HOST:PORT,HOST:PORT/TOPIC`; user and password have keys of their own',
    });
  const { settings } = options;
  const tls = address.isTls
    ? { ca: readPem(settings.serverAuthority), identity: readPem(settings.clientCertificate) }
    : undefined;
  const credentials = readPem(settings.credentialsFile);
  const title = titleOf(address, settings);
  return new QueueFeed({
    ...options,
    title,
    open: async () => {
      const context = { ...options, address, tls };
      if (address.service === 'kafka') return (await import('./kafka-reader.ts')).openKafka(context);
      const { openJetStream, openSubject } = await import('./nats-reader.ts');
      return settings.stream === ''
        ? openSubject({ ...context, credentials })
        : openJetStream({ ...context, credentials });
    },
  });
}

function titleOf({ service, servers, name }: QueueAddress, { stream }: QueueSettings): string {
  const where = servers.join(',');
  if (service === 'kafka') return `Kafka topic ${name} at ${where}`;
  return stream === ''
    ? `NATS subject ${name} at ${where}`
    : `NATS stream ${stream}, subject ${name} at ${where}`;
}

function readPem(path: string): string | undefined {
  if (path === '') return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Fault('source-certificate', `cannot read \`${path}\``, { cause });
  }
}
