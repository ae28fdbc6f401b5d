/**
 * CloudTrail's files in S3: those of a bucket, once; or those that a queue of SQS tells of, as they come. A message is
 * deleted when the alerts of all its files are out; until then the queue would give it to another reader.
 */

import { setTimeout as pause } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { listIn, objectIn, parseObject, textIn } from '@peregrine/base';
import { Complaints } from '../complaints.ts';
import { type Batch, type Feed, nothingToAcknowledge, type Tell } from '../feed.ts';
import { FeedCounters } from '../feed-counters.ts';
import { Unpacker } from '../unpack.ts';
import { untilAnswered } from './retrying.ts';
import { nameOfRecord, unpackCloudtrail } from './unpack-cloudtrail.ts';

export interface TrailOptions {
  /** `s3://BUCKET/PREFIX` or `sqs://QUEUE`. */
  readonly address: string;
  readonly region: string | undefined;
  readonly profile: string | undefined;
  readonly endpoint: string | undefined;
  readonly mostEventBytes: number;
  /** Whether messages are deleted from the queue. */
  readonly deletesMessages: boolean;
  readonly tell: Tell;
}

/** A file in S3. */
interface StoredFile {
  readonly bucket: string;
  readonly key: string;
}

/** Files that are told of together, and what to do when they are done with. */
interface Told {
  readonly files: readonly StoredFile[];
  readonly done: () => void;
}

/** `undefined`: there are no more. */
type TellNext = (signal: AbortSignal) => Promise<Told | undefined>;

const MOST_FILE_BYTES = 256 * 1024 * 1024;
/** The queue is asked for so long before it says that there is nothing, seconds. */
const LONG_POLL_S = 5;
const GZIP_MAGIC = 0x1f8b;

export class TrailFeed implements Feed {
  readonly title: string;
  readonly counters = new FeedCounters();
  readonly #complaints: Complaints;
  readonly #unpacker: Unpacker;
  readonly #store: Store;
  readonly #tellNext: TellNext;
  /** Of the message that is being read. */
  #files: StoredFile[] = [];
  #done = nothingToAcknowledge;

  private constructor({ address, mostEventBytes, tell }: TrailOptions, store: Store, tellNext: TellNext) {
    this.title = `CloudTrail ${address}`;
    this.#complaints = new Complaints(tell);
    this.#unpacker = new Unpacker({
      ...{ unpack: unpackCloudtrail, nameOf: nameOfRecord, mostEventBytes },
      ...{ counters: this.counters, complaints: this.#complaints },
    });
    this.#store = store;
    this.#tellNext = tellNext;
  }

  static async open(options: TrailOptions): Promise<TrailFeed> {
    const { address } = options;
    const store = await openStore(options);
    const [, bucket, prefix = ''] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(address) ?? [];
    if (bucket !== undefined) return new TrailFeed(options, store, listing(store, bucket, prefix));
    return new TrailFeed(options, store, await openQueue(options));
  }

  async next(signal: AbortSignal): Promise<Batch | undefined> {
    while (!signal.aborted) {
      const file = this.#files.shift();
      if (file === undefined) {
        const told = await this.#ask('the list of files was not given', () => this.#tellNext(signal), signal);
        if (told === undefined) return undefined;
        this.#files = [...told.files];
        this.#done = told.done;
        if (told.files.length === 0) this.#done();
        continue;
      }
      const name = `s3://${file.bucket}/${file.key}`;
      const bytes = await this.#ask(`${name} was not given`, () => this.#store.read(file, signal), signal);
      if (bytes === undefined) return undefined;
      const done = this.#files.length === 0 ? this.#done : nothingToAcknowledge;
      const { events } = this.#unpacker.bytes(unpacked(bytes));
      // A file without events is done with as soon as what came before it is.
      return { events, done };
    }
    return undefined;
  }

  async close(): Promise<void> {
    this.#store.close();
  }

  #ask<T>(what: string, ask: () => Promise<T>, signal: AbortSignal): Promise<T | undefined> {
    return untilAnswered(ask, { what, counters: this.counters, complaints: this.#complaints, signal });
  }
}

function unpacked(bytes: Buffer): Buffer {
  const isGzip = bytes.length > 2 && bytes.readUInt16BE() === GZIP_MAGIC;
  return isGzip ? gunzipSync(bytes, { maxOutputLength: MOST_FILE_BYTES }) : bytes;
}

interface Store {
  list(
    bucket: string,
    prefix: string,
    after: string | undefined,
    signal: AbortSignal,
  ): Promise<readonly string[]>;
  read(file: StoredFile, signal: AbortSignal): Promise<Buffer>;
  close(): void;
}

type Service = Pick<TrailOptions, 'region' | 'profile' | 'endpoint'>;

function clientSettings({ region, profile, endpoint }: Service) {
  return {
    ...(region === undefined ? {} : { region }),
    ...(profile === undefined ? {} : { profile }),
    ...(endpoint === undefined ? {} : { endpoint }),
  };
}

async function openStore(options: TrailOptions): Promise<Store> {
  const { GetObjectCommand, ListObjectsV2Command, S3Client } = await import('@aws-sdk/client-s3');
  const isElsewhere = options.endpoint !== undefined;
  const client = new S3Client({
    ...clientSettings(options),
    ...(isElsewhere ? { forcePathStyle: true } : {}),
  });
  return {
    list: async (Bucket, Prefix, after, abortSignal) => {
      const command = new ListObjectsV2Command({
        Bucket,
        Prefix,
        ...(after === undefined ? {} : { StartAfter: after }),
      });
      const { Contents = [] } = await client.send(command, { abortSignal });
      return Contents.flatMap(({ Key }) => Key ?? []);
    },
    read: async ({ bucket, key }, abortSignal) => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }), { abortSignal });
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    },
    close: () => client.destroy(),
  };
}

/** Page by page, in the order of their names, which is that of their times. */
function listing(store: Store, bucket: string, prefix: string): TellNext {
  let after: string | undefined;
  return async (signal) => {
    const keys = await store.list(bucket, prefix, after, signal);
    if (keys.length === 0) return undefined;
    after = keys.at(-1);
    const files = keys.filter((key) => /\.json(\.gz)?$/.test(key)).map((key) => ({ bucket, key }));
    return { files, done: nothingToAcknowledge };
  };
}

async function openQueue(options: TrailOptions): Promise<TellNext> {
  const { DeleteMessageCommand, GetQueueUrlCommand, ReceiveMessageCommand, SQSClient } = await import(
    '@aws-sdk/client-sqs'
  );
  const client = new SQSClient(clientSettings(options));
  const QueueName = options.address.slice('sqs://'.length);
  let queueUrl: string | undefined;
  return async (abortSignal) => {
    for (;;) {
      if (abortSignal.aborted) return undefined;
      queueUrl ??= (await client.send(new GetQueueUrlCommand({ QueueName }), { abortSignal })).QueueUrl;
      const QueueUrl = queueUrl ?? '';
      const received = await client.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 1, WaitTimeSeconds: LONG_POLL_S }),
        { abortSignal },
      );
      const [message] = received.Messages ?? [];
      if (message === undefined) {
        await pause(100, undefined, { signal: abortSignal }).catch(() => {});
        continue;
      }
      const { Body = '', ReceiptHandle } = message;
      return {
        files: filesToldOf(Body),
        done: () => {
          if (!options.deletesMessages || ReceiptHandle === undefined) return;
          client
            .send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }))
            .catch((error: unknown) =>
              options.tell('warning', `a message stays in the queue: ${String(error)}`),
            );
        },
      };
    }
  };
}

/** CloudTrail's own notice, through SNS or not, or that of S3. */
export function filesToldOf(body: string): readonly StoredFile[] {
  const message = parseObject(body);
  const inner = parseObject(textIn(message?.Message)) ?? message;
  const bucket = textIn(inner?.s3Bucket);
  const ofTrail = listIn(inner?.s3ObjectKey).map((key) => ({ bucket, key: textIn(key) }));
  const ofStore = listIn(inner?.Records).map((record) => {
    const stored = objectIn(objectIn(record)?.s3);
    const key = textIn(objectIn(stored?.object)?.key).replaceAll('+', ' ');
    return { bucket: textIn(objectIn(stored?.bucket)?.name), key: decodeKey(key) };
  });
  return [...ofTrail, ...ofStore].filter((file) => file.bucket !== '' && file.key !== '');
}

function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}
