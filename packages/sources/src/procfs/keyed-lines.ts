/** Values out of the lines `key: value` that files of /proc consist of. Fastest when asked in the order of the lines. */

export class KeyedLines {
  readonly #text: string;
  /** End of the line that was found last. */
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The value without the white space around it; `undefined` where no line has the key. */
  value(key: string): string | undefined {
    const mark = `\n${key}:`;
    let start = this.#text.indexOf(mark, this.#position);
    if (start < 0 && this.#text.startsWith(`${key}:`)) start = -1;
    else if (start < 0) {
      start = this.#text.indexOf(mark);
      if (start < 0) return undefined;
    }
    const end = this.#text.indexOf('\n', start + mark.length);
    this.#position = end < 0 ? this.#text.length : end;
    return this.#text.slice(start + mark.length, this.#position).trim();
  }
}
