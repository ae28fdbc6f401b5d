/** Pieces of a stream to its lines. A line longer than the limit is left out whole, and counted by whoever asked. */

const NEWLINE = 10;
const SPACE = 32;

export class LineSplitter {
  readonly #mostBytes: number;
  readonly #onTooLong: (startOfLine: string) => void;
  #pieces: Buffer[] = [];
  #size = 0;
  #isSkipping = false;

  constructor(mostBytes: number, onTooLong: (startOfLine: string) => void) {
    this.#mostBytes = mostBytes;
    this.#onTooLong = onTooLong;
  }

  /** The lines that end within the piece, without their ends; blank ones are left out. They may be parts of the piece. */
  push(piece: Buffer): readonly Buffer[] {
    const lines: Buffer[] = [];
    let start = 0;
    for (let end = piece.indexOf(NEWLINE); end >= 0; end = piece.indexOf(NEWLINE, start)) {
      this.#add(piece.subarray(start, end));
      this.#finish(lines);
      start = end + 1;
    }
    if (start < piece.length) this.#add(piece.subarray(start));
    return lines;
  }

  /** The last line, when no newline ends it. */
  end(): readonly Buffer[] {
    const lines: Buffer[] = [];
    this.#finish(lines);
    return lines;
  }

  /** Forgets what has begun: what follows is another stream. */
  reset(): void {
    this.#pieces = [];
    this.#size = 0;
    this.#isSkipping = false;
  }

  #add(part: Buffer): void {
    if (this.#isSkipping) return;
    this.#size += part.length;
    this.#pieces.push(part);
    if (this.#size <= this.#mostBytes) return;
    this.#onTooLong(Buffer.concat(this.#pieces).toString('utf8', 0, 100));
    this.#pieces = [];
    this.#isSkipping = true;
  }

  #finish(lines: Buffer[]): void {
    if (!this.#isSkipping && this.#size > 0) {
      const [only] = this.#pieces;
      const line =
        this.#pieces.length === 1 && only !== undefined ? only : Buffer.concat(this.#pieces, this.#size);
      if (line.some((byte) => byte > SPACE)) lines.push(line);
    }
    this.reset();
  }
}
