/** A runtime in which nothing runs: containers are said to run, and the test says what they write and answer. */

import { randomBytes } from 'node:crypto';
import { ContainerLogs, keyOf } from './container-logs.ts';
import type {
  ContainerPlace,
  ContainerStart,
  ExecCall,
  LogLine,
  PodRuntime,
  StartedContainer,
} from './pod-runtime.ts';

export interface PlainRuntimeOptions {
  /** What commands do; gives the exit code. Unless set, all fail as a program that is not there. */
  readonly exec?: (call: ExecCall) => number | Promise<number>;
  /** How long a container takes to end when it is asked to, at most its grace. Unless set, no time. */
  readonly stop?: (container: ContainerPlace, graceMs: number) => Promise<void>;
  /** What a container writes when it starts. */
  readonly log?: (container: ContainerStart) => string | undefined;
}

export class PlainRuntime implements PodRuntime {
  readonly #options: PlainRuntimeOptions;
  readonly #logs = new ContainerLogs();
  readonly #ends = new Map<string, (exitCode: number) => void>();

  constructor(options: PlainRuntimeOptions = {}) {
    this.#options = options;
  }

  /** A line that the container writes now. */
  addLog(container: ContainerPlace, text: string): void {
    this.#logs.add(container, text);
  }

  /** The container ends by itself. */
  end(container: ContainerPlace, exitCode: number): void {
    this.#ends.get(keyOf(container))?.(exitCode);
  }

  async start(container: ContainerStart): Promise<StartedContainer> {
    const text = this.#options.log?.(container);
    if (text !== undefined) this.#logs.add(container, text);
    const { promise, resolve } = Promise.withResolvers<number>();
    this.#ends.set(keyOf(container), resolve);
    return { id: randomBytes(32).toString('hex'), ended: promise };
  }

  async stop(container: ContainerPlace, graceMs: number): Promise<void> {
    if (graceMs > 0 && this.#options.stop !== undefined) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, graceMs);
      await Promise.race([promise, this.#options.stop(container, graceMs)]);
      clearTimeout(timer);
    }
    this.#ends.delete(keyOf(container));
  }

  async exec(call: ExecCall): Promise<number> {
    if (this.#options.exec === undefined)
      throw new Error(`exec: "${call.command[0]}": executable file not found in $PATH`);
    return this.#options.exec(call);
  }

  logOf(container: ContainerPlace): readonly LogLine[] {
    return this.#logs.of(container);
  }

  followLog(container: ContainerPlace, listener: (line: LogLine) => void): () => void {
    return this.#logs.follow(container, listener);
  }

  async close(): Promise<void> {}
}
