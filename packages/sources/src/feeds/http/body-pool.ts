/**
 * Memory for bodies, used again and again: fresh memory costs a page fault for every 4 KB, which for a batch of audit
 * events is more than reading it. Whoever takes a body gives it back when nothing looks at it any more.
 */

/** Smaller bodies are left to Node, which has a pool of its own. */
const LEAST_BYTES = 1 << 16;
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

  /** The pieces after one another. */
  join(pieces: readonly Buffer[], sizeBytes: number): Buffer {
    const [only] = pieces;
    if (only !== undefined && pieces.length === 1) return only;
    if (sizeBytes < LEAST_BYTES) return Buffer.concat(pieces, sizeBytes);
    const memory = this.#take(sizeBytes);
    this.#lent.add(memory);
    const body = Buffer.from(memory, 0, sizeBytes);
    let at = 0;
    for (const piece of pieces) {
      body.set(piece, at);
      at += piece.length;
    }
    return body;
  }

  /** What `join` gave. The bytes are another's from now on. */
  giveBack({ buffer }: Buffer): void {
    // Not all that `join` gives is ours, and what is given back twice would belong to two.
    if (!this.#lent.delete(buffer) || this.#freeBytes + buffer.byteLength > this.#mostBytes) return;
    this.#free.push(buffer);
    this.#freeBytes += buffer.byteLength;
  }

  #take(sizeBytes: number): ArrayBufferLike {
    const fitting = this.#free.find(
      ({ byteLength }) => byteLength >= sizeBytes && byteLength <= sizeBytes * 2 + STEP_BYTES,
    );
    if (fitting === undefined) return new ArrayBuffer(Math.ceil(sizeBytes / STEP_BYTES) * STEP_BYTES);
    this.#free = this.#free.filter((other) => other !== fitting);
    this.#freeBytes -= fitting.byteLength;
    return fitting;
  }
}
