/** A rules file's text, and where its offsets lie in lines and columns. */

import type { Position, Span } from '@peregrine/base';

export class SourceFile {
  readonly name: string;
  readonly text: string;
  /** Built when the first position is asked for: files without diagnostics never need it. */
  #lineStarts: Int32Array | undefined;

  constructor(name: string, text: string) {
    this.name = name;
    this.text = text;
  }

  positionAt(offset: number): Position {
    const bounded = Math.max(0, Math.min(offset, this.text.length));
    this.#lineStarts ??= lineStartsOf(this.text);
    const starts = this.#lineStarts;
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= bounded) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: bounded - (starts[low] ?? 0) + 1, offset: bounded };
  }

  spanOf(start: number, end: number): Span {
    return { file: this.name, start: this.positionAt(start), end: this.positionAt(Math.max(start, end)) };
  }
}

function lineStartsOf(text: string): Int32Array {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return Int32Array.from(starts);
}
