/**
 * A broker that speaks Kafka's protocol and checks what it is sent: that of librdkafka, which its own tests use. It keeps
 * topics, groups and offsets in memory, in a thread of its own.
 */

import koffi from 'koffi';

const LIBRARY = 'librdkafka.so.1';
const PRODUCER = 0;
const CONSUMER = 1;
const COPY = 2;
/** The key of the request that brings messages. */
const PRODUCE = 0;
/** The key of the request for offsets, whose answers from version 4 on are wrong in the version of Debian 12. */
const LIST_OFFSETS = 2;
const LIST_OFFSETS_LIMIT = 3;
const FLUSH_LIMIT_MS = 10_000;
const READ_LIMIT_MS = 15_000;
const POLL_MS = 20;

/** Why there can be none; `undefined` when there can. */
export function kafkaObstacle(): string | undefined {
  try {
    koffi.load(LIBRARY);
    return undefined;
  } catch {
    return `there is no library \`${LIBRARY}\``;
  }
}

type Handle = unknown;

interface Producer {
  readonly handle: Handle;
  readonly topicHandle: Handle;
}

/** The beginning of what the library gives for a message. */
interface ReadMessage {
  readonly err: number;
  readonly payload: unknown;
  readonly size: number;
}

function functionsOf(library: ReturnType<typeof koffi.load>) {
  return {
    message: koffi.struct({
      ...{ err: 'int', topic: 'void*', partition: 'int32_t', payload: 'void*', size: 'size_t' },
      ...{ key: 'void*', keySize: 'size_t', offset: 'int64_t', own: 'void*' },
    }),
    confNew: library.func('void* rd_kafka_conf_new()'),
    confSet: library.func('int rd_kafka_conf_set(void*, const char*, const char*, void*, size_t)'),
    create: library.func('void* rd_kafka_new(int, void*, void*, size_t)'),
    destroy: library.func('void rd_kafka_destroy(void*)'),
    clusterNew: library.func('void* rd_kafka_mock_cluster_new(void*, int)'),
    clusterDestroy: library.func('void rd_kafka_mock_cluster_destroy(void*)'),
    bootstraps: library.func('const char* rd_kafka_mock_cluster_bootstraps(void*)'),
    setVersions: library.func('int rd_kafka_mock_set_apiversion(void*, int16_t, int16_t, int16_t)'),
    topicCreate: library.func('int rd_kafka_mock_topic_create(void*, const char*, int, int)'),
    brokerDown: library.func('int rd_kafka_mock_broker_set_down(void*, int32_t)'),
    brokerUp: library.func('int rd_kafka_mock_broker_set_up(void*, int32_t)'),
    topicNew: library.func('void* rd_kafka_topic_new(void*, const char*, void*)'),
    topicDestroy: library.func('void rd_kafka_topic_destroy(void*)'),
    produce: library.func(
      'int rd_kafka_produce(void*, int32_t, int, const uint8_t*, size_t, const uint8_t*, size_t, void*)',
    ),
    flush: library.func('int rd_kafka_flush(void*, int)'),
    pushErrors: library.func(
      'void rd_kafka_mock_push_request_errors_array(void*, int16_t, size_t, const int*)',
    ),
    consumeStart: library.func('int rd_kafka_consume_start(void*, int32_t, int64_t)'),
    consumeStop: library.func('int rd_kafka_consume_stop(void*, int32_t)'),
    consume: library.func('void* rd_kafka_consume(void*, int32_t, int)'),
    messageDestroy: library.func('void rd_kafka_message_destroy(void*)'),
  };
}

export class KafkaBroker {
  readonly #call: ReturnType<typeof functionsOf>;
  readonly #owner: Handle;
  readonly #cluster: Handle;
  /** By what messages are packed with, and topic. */
  readonly #producers = new Map<string, Producer>();
  /** `HOST:PORT`. */
  readonly address: string;

  constructor() {
    const call = functionsOf(koffi.load(LIBRARY));
    this.#call = call;
    this.#owner = call.create(PRODUCER, this.#settings({ log_level: '0' }), null, 0);
    this.#cluster = call.clusterNew(this.#owner, 1);
    call.setVersions(this.#cluster, LIST_OFFSETS, 0, LIST_OFFSETS_LIMIT);
    this.address = call.bootstraps(this.#cluster);
  }

  createTopic(name: string, partitions: number): void {
    this.#call.topicCreate(this.#cluster, name, partitions, 1);
  }

  /** `compression`: what the messages are packed with (`gzip`, `snappy`, `lz4`, `zstd`). */
  send(topic: string, partition: number, texts: readonly string[], compression = 'none'): void {
    const { handle, topicHandle } = this.#producer(topic, compression);
    for (const text of texts) {
      const bytes = Buffer.from(text);
      this.#call.produce(topicHandle, partition, COPY, bytes, bytes.length, null, 0, null);
    }
    if (this.#call.flush(handle, FLUSH_LIMIT_MS) !== 0) throw new Error('the broker took no message');
  }

  /** What is in a partition from its beginning on: at least `count`, or all that there is after a while. */
  read(topic: string, partition: number, count: number): readonly string[] {
    const call = this.#call;
    const settings = this.#settings({
      ...{ 'bootstrap.servers': this.address, log_level: '0' },
      ...{ 'fetch.wait.max.ms': '20', 'auto.offset.reset': 'earliest' },
    });
    const handle = call.create(CONSUMER, settings, null, 0);
    const topicHandle = call.topicNew(handle, topic, null);
    const texts: string[] = [];
    call.consumeStart(topicHandle, partition, 0);
    for (const endMs = Date.now() + READ_LIMIT_MS; texts.length < count && Date.now() < endMs; ) {
      const pointer: unknown = call.consume(topicHandle, partition, POLL_MS);
      if (pointer === null) continue;
      const message: ReadMessage = koffi.decode(pointer, call.message);
      if (message.err === 0) {
        const bytes: Uint8Array = koffi.decode(message.payload, koffi.array('uint8_t', Number(message.size)));
        texts.push(Buffer.from(bytes).toString('utf8'));
      }
      call.messageDestroy(pointer);
    }
    call.consumeStop(topicHandle, partition);
    call.topicDestroy(topicHandle);
    call.destroy(handle);
    return texts;
  }

  /** The next messages that somebody sends are refused, one request for each of these errors of the protocol. */
  refuse(...errors: readonly number[]): void {
    this.#call.pushErrors(this.#cluster, PRODUCE, errors.length, [...errors]);
  }

  /** Nobody reaches it until it is up. */
  down(): void {
    this.#call.brokerDown(this.#cluster, 1);
  }

  up(): void {
    this.#call.brokerUp(this.#cluster, 1);
  }

  remove(): void {
    for (const { handle, topicHandle } of this.#producers.values()) {
      this.#call.topicDestroy(topicHandle);
      this.#call.destroy(handle);
    }
    this.#call.clusterDestroy(this.#cluster);
    this.#call.destroy(this.#owner);
  }

  #producer(topic: string, compression: string): Producer {
    const key = `${compression} ${topic}`;
    const known = this.#producers.get(key);
    if (known !== undefined) return known;
    const settings = this.#settings({
      ...{ 'bootstrap.servers': this.address, 'compression.codec': compression },
      ...{ 'linger.ms': '0', log_level: '0' },
    });
    const handle = this.#call.create(PRODUCER, settings, null, 0);
    const made = { handle, topicHandle: this.#call.topicNew(handle, topic, null) };
    this.#producers.set(key, made);
    return made;
  }

  #settings(values: Readonly<Record<string, string>>): Handle {
    const settings = this.#call.confNew();
    for (const [key, value] of Object.entries(values)) this.#call.confSet(settings, key, value, null, 0);
    return settings;
  }
}
