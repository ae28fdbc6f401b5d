/**
 * Single questions over gRPC on a local socket. The library is loaded with the first socket, since most machines need
 * none. Messages are read and written by `wire-message.ts`.
 */

import type * as Grpc from '@grpc/grpc-js';
import { encodeMessage, type Question } from './wire-message.ts';

const MOST_ANSWER_BYTES = 4 * 1024 * 1024;
const RECONNECT_MS = { first: 100, most: 5_000 };

export interface AskOptions<T> {
  readonly question: Question;
  readonly decode: (bytes: Uint8Array) => T;
  readonly signal: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
  /** Which refusal is no failure: there is no such thing, unless stated. */
  readonly absentStatus?: 'NOT_FOUND' | 'UNIMPLEMENTED';
}

export class GrpcSocket {
  readonly #library: typeof Grpc;
  readonly #client: Grpc.Client;

  private constructor(library: typeof Grpc, path: string) {
    this.#library = library;
    this.#client = new library.Client(`unix:${path}`, library.credentials.createInsecure(), {
      'grpc.max_receive_message_length': MOST_ANSWER_BYTES,
      'grpc.initial_reconnect_backoff_ms': RECONNECT_MS.first,
      'grpc.max_reconnect_backoff_ms': RECONNECT_MS.most,
      'grpc.enable_http_proxy': 0,
      'grpc.enable_channelz': 0,
    });
  }

  static async open(path: string): Promise<GrpcSocket> {
    return new GrpcSocket(await import('@grpc/grpc-js'), path);
  }

  /** `method`: `package.Service/Method`. `undefined` where the refusal is the one that is no failure. */
  ask<T>(method: string, options: AskOptions<T>): Promise<T | undefined> {
    const { question, decode, signal, headers = {}, absentStatus = 'NOT_FOUND' } = options;
    if (signal.aborted) return Promise.reject(signal.reason);
    const { Metadata, status } = this.#library;
    const metadata = new Metadata();
    for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
    const { promise, resolve, reject } = Promise.withResolvers<T | undefined>();
    const call = this.#client.makeUnaryRequest(
      `/${method}`,
      encodeMessage,
      decode,
      question,
      metadata,
      (error, answer) => {
        signal.removeEventListener('abort', cancel);
        if (error === null) resolve(answer);
        else if (error.code === status[absentStatus]) resolve(undefined);
        else reject(signal.aborted ? signal.reason : new Error(error.details, { cause: error }));
      },
    );
    const cancel = (): void => call.cancel();
    signal.addEventListener('abort', cancel, { once: true });
    return promise;
  }

  close(): void {
    this.#client.close();
  }
}
