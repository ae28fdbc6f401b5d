/**
 * One function with its processes. Python has one, which forks for each call; JavaScript has as many as calls may run at
 * a time, each of which serves one call after the other. Processes that end are replaced, more and more slowly when that
 * fails.
 */

import { type FunctionSpec, fullNameOf } from '../function-spec.ts';
import type { FunctionProcess } from '../process/function-process.ts';
import { type LaunchOptions, launchFunction } from '../process/launch-function.ts';
import { commandsFor } from '../worker/commands.ts';
import { type CallResult, type FunctionCall, isFailure, resultOf } from './call.ts';
import { CallCounters } from './call-counters.ts';
import { type Trouble, troubleOf } from './trouble.ts';
import { WaitingRoom } from './waiting-room.ts';

export interface PoolOptions extends LaunchOptions {
  /** Interpreters to try, for Python. */
  readonly pythons: readonly string[];
  readonly mostCalls: number;
  readonly mostWaiting: number;
  /** How long a call may wait to begin. */
  readonly mostWaitMs: number;
  readonly log: (level: 'info' | 'warning' | 'error', message: string) => void;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
const IDLE_LIMIT_MS = 60_000;
const BUSY_RETRY_MS = 1_000;

export class FunctionPool {
  readonly spec: FunctionSpec;
  readonly counters: CallCounters = new CallCounters();
  readonly room: WaitingRoom;
  readonly #options: PoolOptions;
  readonly #processes = new Set<FunctionProcess>();
  #idle: FunctionProcess[] = [];
  #starting: Promise<FunctionProcess | undefined> | undefined;
  #pythons: readonly string[];
  #trouble: Trouble | undefined;
  #pauseMs = 0;
  #notBeforeMs = 0;
  #version = '';
  #isClosed = false;
  #revival: NodeJS.Timeout | undefined;

  constructor(options: PoolOptions) {
    this.spec = options.spec;
    this.#options = options;
    this.#pythons = options.pythons;
    this.room = new WaitingRoom({ mostInside: options.mostCalls, mostWaiting: options.mostWaiting });
  }

  /** Starts the first process. Gives why that cannot be. */
  async open(): Promise<Trouble | undefined> {
    const process = await this.#startOne();
    if (process !== undefined) this.#putBack(process);
    return this.#trouble;
  }

  /** Why calls cannot be answered now. */
  get trouble(): Trouble | undefined {
    return this.#trouble;
  }

  /** What it runs on: `Python 3.11.2`. */
  get version(): string {
    return this.#version;
  }

  /** Never rejects. */
  async call(call: FunctionCall): Promise<CallResult> {
    const entered = await this.#enter(call.signal);
    if (entered !== 'inside') {
      this.counters.refused[entered]++;
      return entered === 'busy' ? { kind: 'busy', afterMs: BUSY_RETRY_MS } : { kind: 'given_up' };
    }
    try {
      const process = await this.#take();
      if (process === undefined) {
        this.counters.refused.unavailable++;
        const afterMs = Math.max(BUSY_RETRY_MS, this.#notBeforeMs - Date.now());
        return { kind: 'unavailable', reason: this.#trouble?.reason ?? 'it is closed', afterMs };
      }
      return await this.#run(process, call);
    } finally {
      this.room.leave();
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#revival);
    const open = [...this.#processes];
    for (const process of open) process.kill();
    await Promise.all([this.#starting, ...open.map((process) => process.ended())]);
  }

  async #enter(signal: AbortSignal | undefined): Promise<'inside' | 'busy' | 'given_up'> {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), this.#options.mostWaitMs);
    const entered = await this.room.enter(
      signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]),
    );
    clearTimeout(timer);
    if (entered === 'inside') return entered;
    return signal?.aborted ? 'given_up' : 'busy';
  }

  /** Lines that were too many for the log. */
  droppedLines(): number {
    return [...this.#processes].reduce(
      (sum, process) => sum + process.droppedLines,
      this.counters.droppedLines,
    );
  }

  get #isForking(): boolean {
    return this.spec.language === 'python';
  }

  async #run(
    process: FunctionProcess,
    { method = 'POST', path = '/', query = '', ...call }: FunctionCall,
  ): Promise<CallResult> {
    const { timeoutMs } = this.spec;
    const header = (name: string): string | null => call.headers[name] ?? null;
    const stop = new AbortController();
    let isTimedOut = false;
    const timer = setTimeout(() => {
      isTimedOut = true;
      stop.abort();
    }, timeoutMs);
    const giveUp = (): void => stop.abort();
    if (call.signal?.aborted) giveUp();
    call.signal?.addEventListener('abort', giveUp, { once: true });
    const startMs = performance.now();
    const answer = await process.call({
      message: {
        event: {
          'event-id': header('event-id'),
          'event-type': header('event-type'),
          'event-time': header('event-time'),
          'event-namespace': header('event-namespace'),
        },
        request: { method, path, query, headers: call.headers, remote: call.remote ?? '' },
      },
      body: call.body,
      endsAlone: this.#isForking,
      signal: stop.signal,
    });
    clearTimeout(timer);
    call.signal?.removeEventListener('abort', giveUp);
    this.#putBack(process);
    const result = resultOf(answer, {
      timedOutMs: isTimedOut ? timeoutMs : undefined,
      isGivenUp: stop.signal.aborted,
    });
    if (result.kind === 'timed_out') this.counters.timedOut++;
    this.counters.count(method, (performance.now() - startMs) / 1_000, isFailure(result));
    return result;
  }

  /** A process that may have one more call; `undefined` when none can be started now. */
  async #take(): Promise<FunctionProcess | undefined> {
    if (!this.#isForking) {
      this.#idle = this.#idle.filter(({ isUsable }) => isUsable);
      return this.#idle.pop() ?? this.#startOne();
    }
    if (this.#starting !== undefined) return this.#starting;
    return [...this.#processes].find(({ isUsable }) => isUsable) ?? this.#startOne();
  }

  #putBack(process: FunctionProcess): void {
    if (this.#isForking || !process.isUsable || this.#isClosed) return;
    this.#idle.push(process);
    if (this.#idle.length === 1) return;
    setTimeout(() => {
      // The longest unused are at the front.
      if (this.#idle.length > 1 && this.#idle[0] === process) this.#idle.shift()?.kill();
    }, IDLE_LIMIT_MS).unref();
  }

  /** One start at a time for Python, whose process is for all; each for itself otherwise. */
  #startOne(): Promise<FunctionProcess | undefined> {
    if (this.#isClosed || Date.now() < this.#notBeforeMs) return Promise.resolve(undefined);
    if (this.#isForking && this.#starting !== undefined) return this.#starting;
    const starting = this.#start().finally(() => {
      this.#starting = undefined;
    });
    this.#starting = starting;
    return starting;
  }

  async #start(): Promise<FunctionProcess | undefined> {
    const { log } = this.#options;
    const commands = commandsFor(this.spec, this.#pythons);
    let trouble: Trouble = {
      reason: 'there is no python3 on this machine',
      hint: 'install the Debian package python3, or name one with `--python`',
    };
    for (const [i, command] of commands.entries()) {
      if (this.#isClosed) return undefined;
      // What those say that are only tried is of no interest.
      const held: string[] = [];
      let isHeld = i < commands.length - 1;
      let process: FunctionProcess;
      try {
        process = this.#launch(command, (line) => {
          if (isHeld) held.push(line);
          else log('info', `${this.spec.name}: ${line}`);
        });
      } catch (error) {
        // A full disk, no descriptors.
        trouble = { reason: error instanceof Error ? error.message : String(error), hint: undefined };
        break;
      }
      const started = await process.started();
      if (started.kind === 'ready') {
        isHeld = false;
        for (const line of held) log('info', `${this.spec.name}: ${line}`);
        if (this.#version === '')
          for (const note of started.notes) log('warning', `${fullNameOf(this.spec)}: ${note}`);
        if (this.#isForking) this.#pythons = [command[0] ?? ''];
        this.#version = started.version;
        this.#trouble = undefined;
        this.#pauseMs = 0;
        return process;
      }
      process.kill();
      await process.ended();
      trouble = troubleOf(this.spec, started, this.#options.pythons);
      const isWorthAnother = started.missing !== undefined || started.hasEnded;
      if (!isWorthAnother) {
        for (const line of held) log('info', `${this.spec.name}: ${line}`);
        break;
      }
    }
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, Math.max(FIRST_PAUSE_MS, this.#pauseMs * 2));
    this.#notBeforeMs = Date.now() + this.#pauseMs;
    this.#trouble = trouble;
    this.#reviveLater();
    return undefined;
  }

  #launch(command: readonly string[], onLine: (line: string) => void): FunctionProcess {
    this.counters.starts++;
    const launched: FunctionProcess = launchFunction(this.#options, {
      command,
      onLine,
      onEnd: () => this.#onEnd(launched),
    });
    this.#processes.add(launched);
    return launched;
  }

  #onEnd(ended: FunctionProcess): void {
    this.#processes.delete(ended);
    this.#idle = this.#idle.filter((process) => process !== ended);
    this.counters.droppedLines += ended.droppedLines;
    // One is kept ready, so that health is known and the next call need not wait.
    if (this.#processes.size === 0) this.#reviveLater();
  }

  #reviveLater(): void {
    if (this.#isClosed) return;
    clearTimeout(this.#revival);
    this.#revival = setTimeout(
      () => {
        if (this.#processes.size > 0 || this.#starting !== undefined) return;
        void this.#startOne().then((process) => process !== undefined && this.#putBack(process));
      },
      Math.max(0, this.#notBeforeMs - Date.now()) + 1,
    );
    this.#revival.unref();
  }
}
