/**
 * Memory for bodies, used again and again: fresh memory costs a page fault for every 4 KB, which for a batch of audit
 * events is more than reading it. Whoever takes a body gives it back when nothing looks at it any more.
 *
 * A body is put together while it comes: its pieces are garbage at once, and go with the other young objects. Kept until
 * the last one is there, they would grow old, and only going through all memory would find them.
 */

/** Sizes are multiples of this, so that bodies of about the same size can use the same memory. */
const STEP_BYTES = 1 << 18;

export class BodyPool {
  readonly #mostBytes: number;
  readonly #lent = new WeakSet<ArrayBufferLike>();
  #free: ArrayBufferLike[] = [];
  #freeBytes = 0;

  /** `mostBytes`: of memory that is kept though nobody uses it. */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** A body that is about to come. `expectedBytes` is what somebody says of it, and may be anything. */
  begin(expectedBytes: number): BodyWriter {
    return new BodyWriter(this, expectedBytes);
  }

  /** A finished body. The bytes are another's from now on. */
  giveBack({ buffer }: Buffer): void {
    // Not every body is in our memory, and what is given back twice would belong to two.
    if (!this.#lent.delete(buffer) || this.#freeBytes + buffer.byteLength > this.#mostBytes) return;
    this.#free.push(buffer);
    this.#freeBytes += buffer.byteLength;
  }

  /** For `wantedBytes`, where that is at hand; if not, new memory for `leastBytes`: a promise must not take any. */
  take(wantedBytes: number, leastBytes: number): Buffer {
    const fitting = this.#free.find(
      ({ byteLength }) => byteLength >= wantedBytes && byteLength <= wantedBytes * 2 + STEP_BYTES,
    );
    if (fitting !== undefined) {
      this.#free = this.#free.filter((other) => other !== fitting);
      this.#freeBytes -= fitting.byteLength;
    }
    const memory = fitting ?? new ArrayBuffer(Math.ceil(leastBytes / STEP_BYTES) * STEP_BYTES);
    this.#lent.add(memory);
    return Buffer.from(memory);
  }
}

export class BodyWriter {
  readonly #pool: BodyPool;
  readonly #expectedBytes: number;
  /** The first piece, which may be all there is; or the memory that all pieces go to. */
  #bytes: Buffer = Buffer.alloc(0);
  #isOnlyPiece = false;
  #size = 0;

  constructor(pool: BodyPool, expectedBytes: number) {
    this.#pool = pool;
    this.#expectedBytes = expectedBytes;
  }

  add(piece: Buffer): void {
    const before = this.#size;
    this.#size += piece.length;
    if (before === 0) {
      this.#bytes = piece;
      this.#isOnlyPiece = true;
      return;
    }
    if (this.#isOnlyPiece || this.#size > this.#bytes.length) this.#enlarge(before);
    this.#bytes.set(piece, before);
  }

  /** All pieces after one another. Nothing may be added any more. */
  finish(): Buffer {
    return this.#bytes.subarray(0, this.#size);
  }

  /** The body will not be used. */
  giveUp(): void {
    if (!this.#isOnlyPiece) this.#pool.giveBack(this.#bytes);
    this.#bytes = Buffer.alloc(0);
    this.#size = 0;
  }

  #enlarge(filledBytes: number): void {
    const smaller = this.#bytes;
    const leastBytes = Math.max(this.#size, filledBytes * 2);
    this.#bytes = this.#pool.take(Math.max(this.#expectedBytes, leastBytes), leastBytes);
    this.#bytes.set(smaller.subarray(0, filledBytes));
    if (!this.#isOnlyPiece) this.#pool.giveBack(smaller);
    this.#isOnlyPiece = false;
  }
}
