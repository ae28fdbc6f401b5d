/**
 * Files to their end: JSON lines, or one document over many lines. Of a folder, its files, the oldest first. Compressed
 * files are read as what is in them.
 */

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '@peregrine/base';
import { JsonNode } from '@peregrine/events';
import { type Batch, type Feed, nothingToAcknowledge } from '../feed.ts';
import type { FeedCounters } from '../feed-counters.ts';
import type { Unpacker } from '../unpack.ts';
import { LineSplitter } from './line-splitter.ts';
import { readFilePieces } from './read-pieces.ts';

export interface FilesFeedOptions {
  readonly path: string;
  readonly mostLineBytes: number;
  readonly unpacker: Unpacker;
  readonly counters: FeedCounters;
}

/** A document over many lines is held as a whole. */
const MOST_DOCUMENT_BYTES = 256 * 1024 * 1024;

export class FilesFeed implements Feed {
  readonly title: string;
  readonly counters: FeedCounters;
  readonly #options: FilesFeedOptions;
  readonly #documents: AsyncGenerator<readonly Buffer[]>;

  /** Throws a `Fault` when there is nothing at the path. */
  constructor(options: FilesFeedOptions) {
    this.#options = options;
    this.title = `file ${options.path}`;
    this.counters = options.counters;
    this.#documents = this.#readAll(filesAt(options.path));
  }

  async next(signal: AbortSignal): Promise<Batch | undefined> {
    while (!signal.aborted) {
      const { done, value } = await this.#documents.next();
      if (done) return undefined;
      const events = value.flatMap((document) => this.#options.unpacker.bytes(document).events);
      if (events.length > 0) return { events, done: nothingToAcknowledge };
    }
    return undefined;
  }

  async close(): Promise<void> {
    await this.#documents.return(undefined);
  }

  async *#readAll(paths: readonly string[]): AsyncGenerator<readonly Buffer[]> {
    for (const path of paths) {
      try {
        yield* this.#readOne(path);
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new Fault('source-file', `cannot read events from \`${path}\`: ${why}`, { cause });
      }
    }
  }

  async *#readOne(path: string): AsyncGenerator<readonly Buffer[]> {
    const { mostLineBytes, unpacker } = this.#options;
    const pieces = readFilePieces(path)[Symbol.asyncIterator]();
    const first = await firstLine(pieces, mostLineBytes);
    if (!first.isDocument) {
      const { bytes, isWhole } = await restOf(first.head, pieces);
      if (isWhole) yield [bytes];
      else
        unpacker.tooLarge(
          `${path} is no JSON lines, and as one document larger than ${MOST_DOCUMENT_BYTES} bytes`,
        );
      return;
    }
    const lines = new LineSplitter(mostLineBytes, (start) =>
      unpacker.tooLarge(`a line of more than ${mostLineBytes} bytes in ${path}: ${start}`),
    );
    yield lines.push(first.head);
    for (let piece = await pieces.next(); !piece.done; piece = await pieces.next())
      yield lines.push(piece.value);
    yield lines.end();
  }
}

type Pieces = AsyncIterator<Buffer>;

/** Reads until the first line that is not blank is there, and says whether it is a document by itself. */
async function firstLine(
  pieces: Pieces,
  mostBytes: number,
): Promise<{ readonly head: Buffer; readonly isDocument: boolean }> {
  const read: Buffer[] = [];
  let line: Buffer | undefined;
  const splitter = new LineSplitter(mostBytes, () => {});
  let size = 0;
  while (line === undefined && size <= mostBytes) {
    const { done, value } = await pieces.next();
    const [found] = done ? splitter.end() : splitter.push(value);
    line = found;
    if (done) break;
    read.push(value);
    size += value.length;
  }
  const head = Buffer.concat(read);
  // Without any line there is nothing to be gained from reading it as one document.
  return { head, isDocument: line === undefined || isDocument(line) };
}

/** A line that begins neither a list nor an object is one that is left out, as among other lines. */
function isDocument(line: Buffer): boolean {
  return JsonNode.parse(line) instanceof JsonNode || !/^\s*[[{]/.test(line.toString('latin1', 0, 100));
}

async function restOf(
  head: Buffer,
  pieces: Pieces,
): Promise<{ readonly bytes: Buffer; readonly isWhole: boolean }> {
  const read = [head];
  let size = head.length;
  for (let piece = await pieces.next(); !piece.done; piece = await pieces.next()) {
    size += piece.value.length;
    if (size > MOST_DOCUMENT_BYTES) return { bytes: head, isWhole: false };
    read.push(piece.value);
  }
  return { bytes: Buffer.concat(read, size), isWhole: true };
}

function filesAt(path: string): readonly string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
    return readdirSync(path)
      .map((name) => join(path, name))
      .map((file) => ({ file, stat: statSync(file) }))
      .filter(({ stat }) => stat.isFile())
      .sort((a, b) => a.stat.mtimeMs - b.stat.mtimeMs || (a.file < b.file ? -1 : 1))
      .map(({ file }) => file);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Fault('source-file', `cannot read events from \`${path}\`: ${why}`, { cause });
  }
}
