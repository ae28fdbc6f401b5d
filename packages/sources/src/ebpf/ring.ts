/**
 * One ring of the probe, read in place. HOT: two atomic loads per record, one store per batch, no allocation but the
 * positions' bigints, once per batch.
 *
 * The kernel's ring maps its data twice in a row, so that no record wraps; of the second time only as much is mapped here
 * as the longest record can reach into. A record has a header of 8 bytes: its length with a busy and a discard bit, and a
 * page offset.
 */

import { type Libbpf, type Mapping, mapMemory, pageSizeOf } from './libbpf.ts';
import { LONGEST_RECORD_BYTES } from './probe-layout.ts';

const BUSY = 1 << 31;
const DISCARD = 1 << 30;
const RECORD_HEADER_BYTES = 8;
/** Bytes after which room is given back within a batch. */
const RELEASE_BYTES = 1 << 16;

export class Ring {
  readonly #consumer: Mapping;
  readonly #producer: Mapping;
  readonly #consumerPosition: BigInt64Array;
  readonly #producerPosition: BigInt64Array;
  readonly #words: Int32Array;
  readonly #sizeBytes: number;
  /** Positions count bytes since the ring was made: exact as doubles for 2^53 bytes. */
  #position: number;
  #released: number;
  #end: number;
  /** The data area, and its beginning once more. */
  readonly bytes: Uint8Array;
  readonly data: DataView;

  constructor(library: Libbpf, fd: number, sizeBytes: number) {
    const page = pageSizeOf(library);
    const overlap = Math.ceil((RECORD_HEADER_BYTES + LONGEST_RECORD_BYTES) / page) * page;
    const mapped = sizeBytes + Math.min(sizeBytes, overlap);
    this.#consumer = mapMemory(library, { fd, length: page, isWritable: true });
    this.#producer = mapMemory(library, {
      fd,
      length: page + mapped,
      offset: page,
      isWritable: false,
    });
    this.#consumerPosition = new BigInt64Array(this.#consumer.buffer, 0, 1);
    this.#producerPosition = new BigInt64Array(this.#producer.buffer, 0, 1);
    this.#words = new Int32Array(this.#producer.buffer, page, mapped / 4);
    this.bytes = new Uint8Array(this.#producer.buffer, page, mapped);
    this.data = new DataView(this.#producer.buffer, page, mapped);
    this.#sizeBytes = sizeBytes;
    this.#position = Number(this.#consumerPosition[0]);
    this.#released = this.#position;
    this.#end = this.#position;
  }

  /** Looks how far the kernel has written. `next` goes no further until the following look. */
  refresh(): void {
    this.#end = Number(Atomics.load(this.#producerPosition, 0));
  }

  /** Offset in `bytes` of the next record's content, or -1. The same until `advance`. */
  next(): number {
    while (this.#position < this.#end) {
      const offset = this.#position % this.#sizeBytes;
      const header = Atomics.load(this.#words, offset >>> 2);
      if ((header & BUSY) !== 0) return -1;
      if ((header & DISCARD) === 0) return offset + RECORD_HEADER_BYTES;
      this.#skip(header);
    }
    return -1;
  }

  /** Done with the record that `next` gave. Its bytes stay until the room is given back. */
  advance(): void {
    this.#skip(this.#words[(this.#position % this.#sizeBytes) >>> 2] as number);
    if (this.#position - this.#released > RELEASE_BYTES) this.release();
  }

  #skip(header: number): void {
    this.#position += ((header & (DISCARD - 1)) + RECORD_HEADER_BYTES + 7) & ~7;
  }

  /** Gives the room of all records done back to the kernel. */
  release(): void {
    if (this.#released === this.#position) return;
    this.#released = this.#position;
    Atomics.store(this.#consumerPosition, 0, BigInt(this.#position));
  }

  close(): void {
    this.#consumer.unmap();
    this.#producer.unmap();
  }
}
