/** One runtime's socket: a few questions at a time, each within a limit, and trouble told once. */

import type { InspectedContainer, MetadataBounds, RuntimeClient } from './runtime-client.ts';
import type { Runtime } from './runtimes.ts';

/** Questions under way at a time; the others wait for their turn. */
const MOST_QUESTIONS = 8;
const LONGEST_ANSWER_MS = 5_000;

export interface AskedRuntimeOptions {
  readonly runtime: Runtime;
  readonly socket: string;
  readonly bounds: MetadataBounds;
  readonly onTrouble: (message: string) => void;
  readonly onRecovery: (message: string) => void;
}

export class AskedRuntime {
  readonly #options: AskedRuntimeOptions;
  #client: Promise<RuntimeClient> | undefined;
  #questionCount = 0;
  readonly #waiting: (() => void)[] = [];
  /** Its latest answer was one. */
  isAnswering = true;

  constructor(options: AskedRuntimeOptions) {
    this.#options = options;
  }

  /** Loads what speaks its language. A failure shows when it is asked. */
  prepare(): void {
    this.#open().catch(() => {});
  }

  /** `undefined`: it does not know the container, or cannot be asked. Never rejects. */
  async inspect(fullId: string, signal: AbortSignal): Promise<InspectedContainer | undefined> {
    await this.#turn();
    const limit = AbortSignal.timeout(LONGEST_ANSWER_MS);
    try {
      if (signal.aborted) return undefined;
      const client = await this.#open();
      const found = await client.inspect(fullId, AbortSignal.any([signal, limit]));
      this.#recover();
      return found;
    } catch (error) {
      if (!signal.aborted)
        this.#fail(limit.aborted ? `no answer within ${LONGEST_ANSWER_MS / 1000} seconds` : reasonOf(error));
      return undefined;
    } finally {
      this.#questionCount--;
      this.#waiting.shift()?.();
    }
  }

  async #turn(): Promise<void> {
    while (this.#questionCount >= MOST_QUESTIONS) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      await promise;
    }
    this.#questionCount++;
  }

  #open(): Promise<RuntimeClient> {
    if (this.#client === undefined) {
      const { runtime, socket, bounds } = this.#options;
      const opening = Promise.resolve(runtime.open({ socket, bounds }));
      this.#client = opening;
      // What failed once is tried anew.
      opening.catch(() => {
        this.#client = undefined;
      });
    }
    return this.#client;
  }

  #recover(): void {
    if (this.isAnswering) return;
    this.isAnswering = true;
    this.#options.onRecovery(`the container runtime at \`${this.#options.socket}\` answers again`);
  }

  #fail(reason: string): void {
    if (!this.isAnswering) return;
    this.isAnswering = false;
    this.#options.onTrouble(
      `the container runtime at \`${this.#options.socket}\` cannot be asked about containers: ${reason}`,
    );
  }

  close(): void {
    this.#client?.then((client) => client.close()).catch(() => {});
    this.#client = undefined;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
