/**
 * What a function writes, as lines for a log: of bounded length and number, without characters that a log would take for
 * its own.
 */

export interface LineCutterOptions {
  readonly mostLineBytes: number;
  /** Lines that may come at once, and each second after that. */
  readonly mostLines: number;
  readonly linesEachSecond: number;
  readonly nowMs: () => number;
  readonly emit: (line: string) => void;
}

const NEWLINE = 10;

export class LineCutter {
  readonly #options: LineCutterOptions;
  #rest: Buffer = Buffer.alloc(0);
  /** The rest of a line that was cut is passed over. */
  #isCut = false;
  #credit: number;
  #creditAtMs: number;
  #leftOut = 0;
  /** Lines that were not told, all in all. */
  droppedCount = 0;

  constructor(options: LineCutterOptions) {
    this.#options = options;
    this.#credit = options.mostLines;
    this.#creditAtMs = options.nowMs();
  }

  push(piece: Buffer): void {
    let at = 0;
    for (;;) {
      const end = piece.indexOf(NEWLINE, at);
      if (end < 0) break;
      this.#line(piece.subarray(at, end));
      at = end + 1;
    }
    this.#keep(piece.subarray(at));
  }

  /** Tells what is left: a line without an end, and how many were left out. */
  end(): void {
    if (this.#rest.length > 0) this.#line(Buffer.alloc(0));
    this.#tellLeftOut();
  }

  #keep(bytes: Buffer): void {
    if (bytes.length === 0 || this.#isCut) return;
    const { mostLineBytes } = this.#options;
    const room = mostLineBytes - this.#rest.length;
    this.#rest = Buffer.concat([this.#rest, bytes.subarray(0, room)]);
    if (bytes.length <= room) return;
    this.#tell(`${printable(this.#rest)} ...`);
    this.#rest = Buffer.alloc(0);
    this.#isCut = true;
  }

  #line(bytes: Buffer): void {
    this.#keep(bytes);
    if (this.#isCut) {
      this.#isCut = false;
      return;
    }
    const line = this.#rest;
    this.#rest = Buffer.alloc(0);
    this.#tell(printable(line));
  }

  #tell(line: string): void {
    const { mostLines, linesEachSecond, nowMs, emit } = this.#options;
    const now = nowMs();
    this.#credit = Math.min(mostLines, this.#credit + ((now - this.#creditAtMs) / 1_000) * linesEachSecond);
    this.#creditAtMs = now;
    // Once there were too many, none for a second: how many were left out is told once, not before each.
    if (this.#credit < (this.#leftOut > 0 ? linesEachSecond : 1)) {
      this.#leftOut++;
      this.droppedCount++;
      return;
    }
    this.#credit--;
    this.#tellLeftOut();
    emit(line);
  }

  #tellLeftOut(): void {
    if (this.#leftOut === 0) return;
    this.#options.emit(`(${this.#leftOut} lines left out)`);
    this.#leftOut = 0;
  }
}

/** Text of any bytes; control characters other than tabs, and marks that turn the direction of text, as escapes. */
export function printable(bytes: Buffer): string {
  return bytes
    .toString('utf8')
    .replace(/\r$/, '')
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (char) =>
      char === '\t' ? char : `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
    );
}
