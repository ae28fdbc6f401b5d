/**
 * One process of a function, seen from outside: started under a supervisor, confined before it loads anything, given
 * calls, listened to, and ended with everything that it made.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import type { Duplex, Readable } from 'node:stream';
import { textIn } from '@peregrine/base';
import { LineCutter } from '../runtime/line-cutter.ts';
import type { CallMessage, CallOutcome, StartMessage } from './messages.ts';
import { type Enclosure, KILL_WORD, SYSTEM_PATH, supervised } from './supervision.ts';
import { encodeFrame, type Frame, FrameReader } from './wire.ts';

export interface ProcessOptions {
  readonly enclosure: Enclosure;
  /** Removed at the end. */
  readonly folder: string;
  readonly command: readonly string[];
  readonly start: StartMessage;
  readonly onLine: (line: string) => void;
  /** Called once, whatever ended it; `reason` is for people. */
  readonly onEnd: (reason: string) => void;
}

export interface ProcessAnswer {
  readonly outcome: CallOutcome;
  readonly contentType: string;
  readonly status: number;
  readonly reason: string;
  readonly body: Uint8Array;
}

export type Started =
  | { readonly kind: 'ready'; readonly version: string; readonly notes: readonly string[] }
  | {
      readonly kind: 'unfit';
      readonly reason: string;
      /** Module that is not installed. */
      readonly missing: string | undefined;
      /** It ended without a word of its own. */
      readonly hasEnded: boolean;
    };

export interface ProcessCall {
  readonly message: Omit<CallMessage, 'kind' | 'id'>;
  readonly body: Uint8Array;
  /** Whether the process can end the call without ending itself. */
  readonly endsAlone: boolean;
  /** Ends the call. */
  readonly signal: AbortSignal;
}

const LOAD_LIMIT_MS = 120_000;
/** How long a process may take to end one of its calls, and the supervisor to end the process. */
const KILL_LIMIT_MS = 5_000;
/** How long the last lines may take once the process has ended. */
const LAST_WORDS_MS = 1_000;
const FRAME_ROOM_BYTES = 1 << 20;

const logLimits = { mostLineBytes: 8_192, mostLines: 1_000, linesEachSecond: 200, nowMs: Date.now };
/** More is not read in a second: whoever writes without end waits. */
const MOST_LOG_BYTES_EACH_SECOND = 4 * 2 ** 20;

export class FunctionProcess {
  readonly #options: ProcessOptions;
  readonly #child: ChildProcess;
  readonly #control: Duplex;
  readonly #lifeline: Duplex;
  readonly #calls = new Map<number, (answer: ProcessAnswer) => void>();
  readonly #started = Promise.withResolvers<Started>();
  readonly #ended = Promise.withResolvers<void>();
  #cutters: readonly LineCutter[] = [];
  #callCount = 0;
  #status = '';
  #isOver = false;
  #isKilled = false;

  constructor(options: ProcessOptions) {
    this.#options = options;
    const [program = '', ...given] = supervised(options.enclosure, options.folder, options.command);
    const { account } = options.enclosure;
    this.#child = spawn(program, given, {
      cwd: '/',
      env: { PATH: SYSTEM_PATH, LANG: 'C.UTF-8' },
      detached: true,
      ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
      stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
    });
    this.#child.once('error', (error) => this.#end(`cannot be started: ${error.message}`));
    const { stdio } = this.#child as { readonly stdio?: ChildProcess['stdio'] };
    // Node makes none when it has no descriptors left.
    if (stdio === undefined) {
      this.#isOver = true;
      removeFolder(options);
      throw new Error('no pipes can be made for it');
    }
    // Pipes, as asked for above.
    this.#control = stdio[3] as Duplex;
    this.#lifeline = stdio[4] as Duplex;
    this.#cutters = [stdio[1], stdio[2]].map((stream) => cutLines(stream as Readable, options.onLine));
    for (const stream of [this.#control, this.#lifeline]) stream.on('error', () => {});
    const reader = new FrameReader(options.start.limits.answerBytes + FRAME_ROOM_BYTES);
    this.#control.on('data', (piece: Buffer) => {
      const frames = reader.push(piece);
      if (frames === undefined) this.kill();
      for (const frame of frames ?? []) this.#take(frame);
    });
    this.#lifeline.on('data', (piece: Buffer) => {
      this.#status = (this.#status + piece.toString('latin1')).slice(0, 16);
    });
    this.#child.once('exit', () => {
      const end = (): void => this.#end(endOf(this.#status));
      // What was last said may still be under way; what got away may hold the pipes open for as long as it likes.
      const timer = setTimeout(end, LAST_WORDS_MS);
      this.#child.once('close', () => {
        clearTimeout(timer);
        end();
      });
    });
    this.#control.write(encodeFrame(options.start));
    const timer = setTimeout(() => {
      this.#started.resolve({
        kind: 'unfit',
        reason: `it did not load within ${LOAD_LIMIT_MS / 1_000} s`,
        missing: undefined,
        hasEnded: false,
      });
    }, LOAD_LIMIT_MS);
    void this.#started.promise.then(() => clearTimeout(timer));
  }

  /** Resolves when it is ready for calls, or cannot be. */
  started(): Promise<Started> {
    return this.#started.promise;
  }

  /** Resolves when everything of it is gone. */
  ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** Whether it may have calls: it has not ended, and is not about to. */
  get isUsable(): boolean {
    return !this.#isOver && !this.#isKilled;
  }

  get droppedLines(): number {
    return this.#cutters.reduce((sum, { droppedCount }) => sum + droppedCount, 0);
  }

  /** Never rejects. When `signal` says so, the call ends: by itself if the process knows how, or else with the process. */
  call({ message, body, endsAlone, signal }: ProcessCall): Promise<ProcessAnswer> {
    const { promise, resolve } = Promise.withResolvers<ProcessAnswer>();
    if (!this.isUsable) return Promise.resolve(answerOf('ended', 'its process has ended'));
    const id = ++this.#callCount;
    let timer: NodeJS.Timeout | undefined;
    const onAbort = (): void => {
      if (!endsAlone) {
        this.kill();
        return;
      }
      this.#control.write(encodeFrame({ kind: 'kill', id }));
      timer = setTimeout(() => this.kill(), KILL_LIMIT_MS);
    };
    this.#calls.set(id, (answer) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      resolve(answer);
    });
    this.#control.write(encodeFrame({ kind: 'call', id, ...message }, body));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    return promise;
  }

  /** Ends it and all that it made, at once. */
  kill(): void {
    if (!this.isUsable) return;
    this.#isKilled = true;
    this.#lifeline.end(KILL_WORD);
    setTimeout(() => killGroup(this.#child), KILL_LIMIT_MS).unref();
  }

  #take({ header, body }: Frame): void {
    if (this.#isOver) return;
    if (header.kind === 'ready') {
      const notes = Array.isArray(header.notes) ? header.notes.map(textIn) : [];
      this.#started.resolve({ kind: 'ready', version: textIn(header.version), notes });
      return;
    }
    if (header.kind === 'unfit') {
      const missing = textIn(header.missing);
      this.#started.resolve({
        kind: 'unfit',
        reason: textIn(header.reason),
        missing: missing === '' ? undefined : missing,
        hasEnded: false,
      });
      return;
    }
    const id = Number(header.id);
    const finish = this.#calls.get(id);
    this.#calls.delete(id);
    // An answer that nobody asked for: something else than our own code speaks for it.
    if (finish === undefined) this.kill();
    const { outcome, status } = header;
    finish?.({
      outcome: outcomes.find((known) => known === outcome) ?? 'ended',
      contentType: textIn(header.contentType),
      status: typeof status === 'number' && status >= 200 && status <= 599 ? Math.trunc(status) : 200,
      reason: textIn(header.reason),
      body,
    });
  }

  #end(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#started.resolve({
      kind: 'unfit',
      reason: `its process ${reason} while it was loaded`,
      missing: undefined,
      hasEnded: true,
    });
    for (const finish of this.#calls.values()) finish(answerOf('ended', reason));
    this.#calls.clear();
    for (const cutter of this.#cutters) cutter.end();
    for (const stream of this.#child.stdio ?? []) stream?.destroy();
    removeFolder(this.#options);
    this.#ended.resolve();
    this.#options.onEnd(reason);
  }
}

/** For a supervisor that does not do as it is told. */
function killGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  // Waited for, its number could be another's by now.
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It is gone.
  }
}

/**
 * What the supervisor did not get to remove. Not as root where something of the function may still run: it could put
 * other folders in the way.
 */
function removeFolder({ enclosure, folder }: ProcessOptions): void {
  if (process.getuid?.() === 0 && enclosure.prefix.length === 0) return;
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // Something still writes there.
  }
}

const outcomes: readonly CallOutcome[] = ['answered', 'raised', 'bad_json', 'ended', 'killed', 'too_large'];

function answerOf(outcome: CallOutcome, reason: string): ProcessAnswer {
  return { outcome, reason, contentType: '', status: 200, body: new Uint8Array() };
}

/** A shell's exit status in words. */
function endOf(status: string): string {
  const number = Number.parseInt(status, 10);
  if (Number.isNaN(number)) return 'ended';
  return number > 128 ? `ended by signal ${number - 128}` : `ended with status ${number}`;
}

function cutLines(stream: Readable, emit: (line: string) => void): LineCutter {
  const cutter = new LineCutter({ ...logLimits, emit });
  let bytes = 0;
  let sinceMs = Date.now();
  stream.on('error', () => {});
  stream.on('data', (piece: Buffer) => {
    cutter.push(piece);
    const now = Date.now();
    if (now - sinceMs >= 1_000) {
      sinceMs = now;
      bytes = 0;
    }
    bytes += piece.length;
    if (bytes < MOST_LOG_BYTES_EACH_SECOND) return;
    stream.pause();
    setTimeout(() => stream.resume(), 1_000 - (now - sinceMs)).unref();
  });
  return cutter;
}
