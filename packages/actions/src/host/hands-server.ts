/**
 * The main loop of the process that acts on this machine: reads requests, a line of JSON each, checks them, does them at
 * the same time, and answers each with what came of it. It ends with the stream.
 *
 * Whoever asks reads what others wrote, and may do by now what others want: nothing is taken on trust.
 */

import type { Duplex } from 'node:stream';
import { type JsonObject, objectIn, parseObject, readTree } from '@peregrine/base';
import type { ActionOutcome } from '../action.ts';
import { type Deed, type DeedWorld, refused } from './deed.ts';
import { LineReader } from './lines.ts';
import { nodeOfJson } from './node-of-json.ts';

/** Longest request, bytes. */
export const MOST_LINE_BYTES = 4 * 2 ** 20;
/** Requests that are worked on at once. */
export const MOST_RUNNING = 64;
/** How long what is being done may take once nobody listens any more, milliseconds. */
const LAST_WORK_MS = 5_000;

export interface HandsServerOptions extends Omit<DeedWorld, 'signal'> {
  readonly deeds: readonly Deed[];
  /** Whether this process has it, by its name. */
  readonly hasCapability: (name: string) => boolean;
}

interface Request {
  readonly id: number;
  readonly deed: string;
  readonly data: JsonObject;
  readonly isDryRun: boolean;
}

/** Resolves when the stream has ended, and everything that was asked for is over. Never rejects. */
export async function serveHands(stream: Duplex, options: HandsServerOptions): Promise<void> {
  const ended = Promise.withResolvers<void>();
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  const reader = new LineReader(MOST_LINE_BYTES);
  const answer = (id: number, outcome: ActionOutcome): void => {
    if (stream.writable) stream.write(`${JSON.stringify({ id, outcome })}\n`);
  };
  const take = (request: Request): void => {
    if (running.size >= MOST_RUNNING) {
      answer(request.id, { kind: 'retry', reason: 'too much is being done at once', afterMs: undefined });
      return;
    }
    const work = perform(request, { ...options, signal: stopping.signal })
      .then((outcome) => answer(request.id, outcome))
      .finally(() => running.delete(work));
    running.add(work);
  };
  stream.on('data', (piece: Buffer) => {
    const lines = reader.push(piece);
    if (lines === undefined) stream.destroy();
    for (const line of lines ?? []) {
      const request = requestIn(line);
      if (request !== undefined) take(request);
    }
  });
  stream.on('error', () => ended.resolve());
  stream.on('end', () => ended.resolve());
  stream.on('close', () => ended.resolve());
  await ended.promise;
  stopping.abort();
  const late = new Promise<void>((resolve) => setTimeout(resolve, LAST_WORK_MS).unref());
  await Promise.race([Promise.all(running).then(() => lastWords(stream)), late]);
  stream.destroy();
}

/** Resolves when all answers are read or lost. */
function lastWords(stream: Duplex): Promise<void> {
  return stream.writable ? new Promise((resolve) => stream.write('', () => resolve())) : Promise.resolve();
}

/** `undefined` for what is none: nobody can be answered. */
function requestIn(line: string): Request | undefined {
  const { id, deed, data, isDryRun } = parseObject(line) ?? {};
  const about = objectIn(data);
  const isOne =
    typeof id === 'number' && Number.isSafeInteger(id) && typeof deed === 'string' && about !== undefined;
  // Whoever does not say that something is to change gets a look.
  return isOne ? { id, deed, data: about, isDryRun: isDryRun !== false } : undefined;
}

async function perform(
  { deed: name, data, isDryRun }: Request,
  { deeds, hasCapability, ...world }: HandsServerOptions & DeedWorld,
): Promise<ActionOutcome> {
  const deed = deeds.find((candidate) => candidate.name === name);
  if (deed === undefined) return refused(`there is no deed \`${name.slice(0, 100)}\``);
  try {
    const read = readTree(deed.data, nodeOfJson(data));
    if (read.value === undefined)
      return refused(`what is asked for makes no sense: ${textOf(read.diagnostics)}`);
    const missing = deed.capabilities(read.value).filter((capability) => !hasCapability(capability));
    if (missing.length > 0 && !isDryRun) return refused(whyMissing(missing));
    return await deed.run({ ...world, data: read.value, isDryRun });
  } catch (error) {
    return refused(`it broke: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function whyMissing(missing: readonly string[]): string {
  return `it takes ${missing.join(', ')}, which what acts on this machine was not started with; start Peregrine as root, or with these capabilities, and again when rules take new ones`;
}

function textOf(diagnostics: readonly { readonly message: string }[]): string {
  return diagnostics
    .map(({ message }) => message)
    .join('; ')
    .slice(0, 1_000);
}
