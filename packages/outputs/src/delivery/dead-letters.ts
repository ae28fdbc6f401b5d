/**
 * Alerts that an output could not deliver and will not try again, one file for each: `<folder>/<output>/<id>.json`, for
 * people to look at, to edit, and to have sent once more. A letter in the folder `replay` is an order to do that.
 */

import { mkdir, open, readdir, readFile, rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';

export interface DeadLetter {
  /** Id of the output. */
  readonly output: string;
  /** Why it was given up. */
  readonly reason: string;
  readonly attempts: number;
  /** When it was given up, RFC 3339. */
  readonly at: string;
  /** The alert's outgoing JSON, as a document. */
  readonly alert: unknown;
}

/** A letter in its file. */
export interface StoredLetter {
  /** Name of its file without the ending: what people call it by. */
  readonly id: string;
  readonly path: string;
  readonly output: string;
  /** The file's text. */
  readonly text: string;
}

export interface DeadLetterLimits {
  /** For each output; the oldest go. */
  readonly mostLetters: number;
}

const REPLAY = 'replay';
const ENDING = '.json';

export class DeadLetters {
  readonly #folder: string;
  readonly #limits: DeadLetterLimits;
  /** Letters of each output, oldest first; read from disk when first asked for. */
  readonly #names = new Map<string, Promise<string[]>>();
  #lastId = 0;

  /** Letters that went to make room. */
  droppedCount = 0;

  constructor(folder: string, limits: DeadLetterLimits) {
    this.#folder = folder;
    this.#limits = limits;
  }

  /** The letter is on disk when it resolves. `alertJson` goes in as it is, so that numbers keep their digits. */
  async add(
    letter: Omit<DeadLetter, 'alert'> & { readonly alertJson: string },
    nowMs: number,
  ): Promise<void> {
    const { output, reason, attempts, at, alertJson } = letter;
    const folder = this.#folderOf(output);
    const names = await this.#namesOf(output);
    // In order of time, and no two alike.
    this.#lastId = Math.max(this.#lastId + 1, nowMs * 1_000);
    const name = `${this.#lastId.toString(36).padStart(11, '0')}${ENDING}`;
    const head = JSON.stringify({ output, reason, attempts, at }, undefined, 2);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeDurably(join(folder, name), `${head.slice(0, -2)},\n  "alert": ${alertJson}\n}\n`);
    names.push(name);
    while (names.length > this.#limits.mostLetters) {
      const [oldest] = names.splice(0, 1);
      if (oldest === undefined) break;
      this.droppedCount++;
      await removeIfThere(join(folder, oldest));
    }
  }

  /** Letters of an output there are; the files may have been changed by others since. */
  async count(output: string): Promise<number> {
    return (await this.#namesOf(output)).length;
  }

  /** Orders to replay, oldest first. */
  async orders(): Promise<readonly StoredLetter[]> {
    return listLetters(join(this.#folder, REPLAY));
  }

  /** An order that is done with. */
  async finish({ path }: StoredLetter): Promise<void> {
    await removeIfThere(path);
    this.#names.clear();
  }

  #folderOf(output: string): string {
    return join(this.#folder, folderName(output));
  }

  #namesOf(output: string): Promise<string[]> {
    const known = this.#names.get(output);
    if (known !== undefined) return known;
    const reading = readNames(this.#folderOf(output));
    this.#names.set(output, reading);
    return reading;
  }
}

/** Every letter below the folder, by output and age; those on order are not among them. */
export async function listDeadLetters(folder: string): Promise<readonly StoredLetter[]> {
  const outputs = (await entriesOf(folder)).filter((name) => name !== REPLAY).sort();
  const letters: StoredLetter[] = [];
  for (const name of outputs) letters.push(...(await listLetters(join(folder, name))));
  return letters;
}

/** Where a letter is, without what is in it. */
export interface LetterPlace {
  readonly id: string;
  /** Id of the output, as the folder says. */
  readonly output: string;
  readonly path: string;
}

/** Every letter below the folder, newest first; those on order are not among them. */
export async function findDeadLetters(folder: string): Promise<readonly LetterPlace[]> {
  const places: LetterPlace[] = [];
  for (const entry of await entriesOf(folder)) {
    if (entry === REPLAY) continue;
    const output = decodedName(entry);
    for (const name of await readNames(join(folder, entry)))
      places.push({ id: name.slice(0, -ENDING.length), output, path: join(folder, entry, name) });
  }
  return places.sort((a, b) => (a.id < b.id ? 1 : -1));
}

/** `undefined`: it is gone. */
export async function readDeadLetter({ id, output, path }: LetterPlace): Promise<StoredLetter | undefined> {
  try {
    return { id, output, path, text: await readFile(path, 'utf8') };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Orders that the letter be sent once more: the hub does it, now or when it runs. */
export async function orderReplay(folder: string, letter: Pick<StoredLetter, 'id' | 'path'>): Promise<void> {
  await mkdir(join(folder, REPLAY), { recursive: true, mode: 0o700 });
  await rename(letter.path, join(folder, REPLAY, `${letter.id}${ENDING}`));
}

export async function removeLetter({ path }: Pick<StoredLetter, 'path'>): Promise<void> {
  await removeIfThere(path);
}

async function listLetters(folder: string): Promise<readonly StoredLetter[]> {
  const letters: StoredLetter[] = [];
  for (const name of await readNames(folder)) {
    const path = join(folder, name);
    try {
      const text = await readFile(path, 'utf8');
      letters.push({ id: name.slice(0, -ENDING.length), path, output: outputIn(text), text });
    } catch (error) {
      // Replayed or removed meanwhile.
      if (!isMissing(error)) throw error;
    }
  }
  return letters;
}

/** Empty when the text is no letter, which an editor may have made of it. */
function outputIn(text: string): string {
  try {
    const letter: unknown = JSON.parse(text);
    if (typeof letter !== 'object' || letter === null || !('output' in letter)) return '';
    return typeof letter.output === 'string' ? letter.output : '';
  } catch {
    return '';
  }
}

/** Names of outputs may hold addresses. */
function folderName(output: string): string {
  return encodeURIComponent(output);
}

function decodedName(folder: string): string {
  try {
    return decodeURIComponent(folder);
  } catch {
    return folder;
  }
}

async function readNames(folder: string): Promise<string[]> {
  return (await entriesOf(folder)).filter((name) => name.endsWith(ENDING)).sort();
}

async function entriesOf(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const temporary = `${path}.new`;
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** Whether there is something to look at. */
export async function hasDeadLetters(folder: string): Promise<boolean> {
  try {
    return (await stat(folder)).isDirectory();
  } catch {
    return false;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
