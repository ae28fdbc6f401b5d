/** A thread of the store, seen from who asks it. */

import { Worker } from 'node:worker_threads';
import { Fault } from '@peregrine/base';
import { FilterError } from '../alert-store.ts';
import type { FromThread, StoreFailure, ToThread, Written } from './messages.ts';

export interface AskedThreadOptions {
  readonly module: URL;
  readonly workerData: unknown;
  /** For what lives shortly, megabytes; `undefined`: as in this thread. */
  readonly youngMegabytes?: number;
  readonly onTrouble: (text: string) => void;
  readonly onWritten?: (written: Written) => void;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export class AskedThread<Call extends { readonly kind: string }> {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #opened = Promise.withResolvers<void>();
  #nextId = 1;
  #isClosed = false;

  constructor({ module, workerData, youngMegabytes, onTrouble, onWritten }: AskedThreadOptions) {
    this.#worker = new Worker(module, {
      workerData,
      ...(youngMegabytes === undefined
        ? {}
        : { resourceLimits: { maxYoungGenerationSizeMb: youngMegabytes } }),
    });
    this.#worker.on('message', (message: FromThread) => {
      switch (message.kind) {
        case 'opened':
          this.#opened.resolve();
          return;
        case 'written':
          onWritten?.(message.written);
          return;
        case 'unusable':
          this.#fail(errorOf(message.failure));
          return;
        case 'trouble':
          onTrouble(message.text);
          return;
        case 'answer':
          this.#take(message.id)?.resolve(message.value);
          return;
        case 'failure':
          this.#take(message.id)?.reject(errorOf(message.failure));
          return;
      }
    });
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail(new Fault('store-ended', 'the store has ended')));
  }

  /** Throws a `Fault` when it cannot be opened. */
  get opened(): Promise<void> {
    return this.#opened.promise;
  }

  /** The answer has the type that the thread gives for the call. */
  ask<T>(call: Call, signal?: AbortSignal): Promise<T> {
    if (this.#isClosed) return Promise.reject(new Fault('store-ended', 'the store has ended'));
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.set(id, { resolve, reject });
    this.#send({ kind: 'call', id, call });
    const abandon = (): void => this.#send({ kind: 'abandon', id });
    if (signal?.aborted === true) abandon();
    signal?.addEventListener('abort', abandon, { once: true });
    return promise.finally(() => signal?.removeEventListener('abort', abandon)) as Promise<T>; // As above.
  }

  async close(call: Call): Promise<void> {
    if (this.#isClosed) return;
    const ended = new Promise<void>((resolve) => this.#worker.once('exit', () => resolve()));
    await this.ask(call);
    this.#isClosed = true;
    await ended;
  }

  #send(message: ToThread<Call>): void {
    this.#worker.postMessage(message);
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }

  #fail(error: unknown): void {
    this.#isClosed = true;
    this.#opened.reject(error);
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
    void this.#worker.terminate();
  }
}

function errorOf({ kind, code, message, hint }: StoreFailure): Error {
  switch (kind) {
    case 'fault':
      return new Fault(code, message, hint === undefined ? {} : { hint });
    case 'filter':
      return new FilterError(message);
    case 'abandoned':
      return new DOMException(message, 'AbortError');
    case 'bug':
      return new Error(message);
  }
}
