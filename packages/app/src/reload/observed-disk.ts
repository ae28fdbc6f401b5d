/**
 * The disk as it was found while configuration and rules were read: every question is kept with a digest of its
 * answer, what was not there and what could not be read included. So it can be told later whether the same reading
 * would give the same, however files were replaced meanwhile.
 */

import type { ConfigFiles } from '../config/load-config.ts';

interface Question {
  readonly path: string;
  /** Answers anew, as a text to compare. */
  readonly ask: () => string;
  /** What it was. Rendered when it is first compared: programs that never look again need no digests. */
  readonly answer: () => string;
}

export class ObservedDisk implements ConfigFiles {
  readonly #disk: ConfigFiles;
  readonly #questions: Question[] = [];

  constructor(disk: ConfigFiles) {
    this.#disk = disk;
  }

  read(path: string): string {
    return this.#note(path, () => this.#disk.read(path), digestOf);
  }

  kindOf(path: string): 'file' | 'folder' | undefined {
    return this.#note(path, () => this.#disk.kindOf(path), String);
  }

  filesIn(folder: string): readonly string[] {
    return this.#note(
      folder,
      () => this.#disk.filesIn(folder),
      (files) => files.join('\0'),
    );
  }

  realPath(path: string): string {
    return this.#note(path, () => this.#disk.realPath(path), String);
  }

  /** Everything that was asked about, whether it is there or not. */
  get paths(): readonly string[] {
    return [...new Set(this.#questions.map(({ path }) => path))];
  }

  /** A path about which the disk says something else now; `undefined` when there is none. */
  changedPath(): string | undefined {
    return this.#questions.find(({ ask, answer }) => ask() !== answer())?.path;
  }

  #note<T>(path: string, ask: () => T, render: (answer: T) => string): T {
    const askAgain = (): string => outcomeOf(() => render(ask()));
    const keep = (answerNow: () => string): void => {
      let answer: string | undefined;
      this.#questions.push({
        path,
        ask: askAgain,
        answer: () => {
          answer ??= outcomeOf(answerNow);
          return answer;
        },
      });
    };
    try {
      const found = ask();
      keep(() => render(found));
      return found;
    } catch (error) {
      keep(() => raise(error));
      throw error;
    }
  }
}

/** An answer, or a failure, as a text. */
function outcomeOf(ask: () => string): string {
  try {
    return `answer ${ask()}`;
  } catch (error) {
    return `failure ${String(error)}`;
  }
}

function raise(error: unknown): never {
  throw error;
}

function digestOf(text: string): string {
  return process.getBuiltinModule('node:crypto').createHash('sha256').update(text).digest('base64');
}
