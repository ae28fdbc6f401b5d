/** Standard output and standard error, as commands use them. Writes are done when a call returns. */

import { writeSync } from 'node:fs';

const STDOUT_FD = 1;
const STDERR_FD = 2;
const RETRY_MS = 5;

export class Terminal {
  /** What the program is called in its messages. */
  readonly name: string;
  #isColourful: boolean | undefined;
  readonly #sleeper = new Int32Array(new SharedArrayBuffer(4));

  constructor(name: string) {
    this.name = name;
  }

  /** Found out when there is something to colour: Node's module of terminals loads streams and sockets, 4 ms. */
  get isColourful(): boolean {
    this.#isColourful ??=
      (process.env.NO_COLOR ?? '') === '' && process.getBuiltinModule('node:tty').isatty(STDERR_FD);
    return this.#isColourful;
  }

  /** Results: what the user asked for. */
  out(text: string): void {
    this.#write(STDOUT_FD, text);
  }

  /** Everything else. */
  err(text: string): void {
    this.#write(STDERR_FD, text);
  }

  note(message: string): void {
    this.err(`${this.name}: ${message}\n`);
  }

  warn(message: string): void {
    this.err(`${this.name}: ${this.#coloured('33', 'warning:')} ${message}\n`);
  }

  fail(message: string, hint?: string): void {
    this.err(`${this.name}: ${this.#coloured('31', 'error:')} ${message}\n`);
    if (hint !== undefined) this.err(`  ${hint}\n`);
  }

  #coloured(code: string, text: string): string {
    return this.isColourful ? `\u001b[${code}m${text}\u001b[0m` : text;
  }

  /** A reader that went away ends the program quietly, as it ends any program of a pipeline. */
  #write(fd: number, text: string): void {
    const bytes = Buffer.from(text, 'utf8');
    let written = 0;
    while (written < bytes.length) {
      try {
        written += writeSync(fd, bytes, written);
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? error.code : undefined;
        if (code === 'EPIPE') process.exit(0);
        if (code !== 'EAGAIN' && code !== 'EINTR') return;
        Atomics.wait(this.#sleeper, 0, 0, RETRY_MS);
      }
    }
  }
}
