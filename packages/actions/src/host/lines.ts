/** Lines out of a stream of bytes, put together from pieces. */

const NEWLINE = 10;

export class LineReader {
  readonly #mostBytes: number;
  #pieces: Buffer[] = [];
  #size = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** Lines that are complete with this piece, without their ends; `undefined` when one is too long to be meant. */
  push(piece: Buffer): readonly string[] | undefined {
    const lines: string[] = [];
    let start = 0;
    for (let end = piece.indexOf(NEWLINE); end >= 0; end = piece.indexOf(NEWLINE, start)) {
      this.#pieces.push(piece.subarray(start, end));
      if (this.#size + end - start > this.#mostBytes) return undefined;
      lines.push(Buffer.concat(this.#pieces).toString('utf8'));
      this.#pieces = [];
      this.#size = 0;
      start = end + 1;
    }
    this.#pieces.push(piece.subarray(start));
    this.#size += piece.length - start;
    return this.#size > this.#mostBytes ? undefined : lines;
  }
}
