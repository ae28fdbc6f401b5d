/** A real gRPC server on a local socket, with another implementation of protocol buffers than ours. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  loadPackageDefinition,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceDefinition,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { StopServer } from './docker-server.ts';

export type Plain = Readonly<Record<string, unknown>>;

/** `undefined`: not found. `header` gives what a header of the question says. */
export type Answer = (request: Plain, header: (name: string) => string | undefined) => Plain | undefined;

export interface GrpcService {
  /** File below `protos`. */
  readonly file: string;
  /** `package.Service`. */
  readonly name: string;
  readonly answers: Readonly<Record<string, Answer>>;
  /** Changes the definition's text. */
  readonly edit?: (definition: string) => string;
}

export interface GrpcServerOptions {
  readonly socket: string;
  readonly services: readonly GrpcService[];
  /** How it behaves: answers, never answers, or answers with these bytes in place of a message. */
  readonly manner?: 'answers' | 'hangs' | { readonly garbage: Uint8Array };
  /** Told of each question. */
  readonly onQuestion?: (method: string, request: Plain) => void;
}

export async function startGrpcServer(options: GrpcServerOptions): Promise<StopServer> {
  const { socket, services, manner = 'answers', onQuestion = () => {} } = options;
  const server = new Server();
  for (const service of services) {
    const definition = definitionOf(service);
    const handlers = Object.entries(service.answers).map(([method, answer]) => {
      const handle = (call: ServerUnaryCall<Plain, Plain>, done: sendUnaryData<Plain>): void => {
        onQuestion(method, call.request);
        if (manner === 'hangs') return;
        const given = answer(call.request, (name) => call.metadata.get(name).map(String)[0]);
        if (given === undefined) done({ code: status.NOT_FOUND, details: 'no such thing' });
        else done(null, given);
      };
      return [method, handle];
    });
    const speaking = typeof manner === 'object' ? withGarbage(definition, manner.garbage) : definition;
    server.addService(speaking, Object.fromEntries(handlers));
  }
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.bindAsync(`unix:${socket}`, ServerCredentials.createInsecure(), (error) =>
    error === null ? resolve() : reject(error),
  );
  await promise;
  return async () => {
    server.forceShutdown();
    rmSync(socket, { force: true });
  };
}

function definitionOf({ file, name, edit = (text) => text }: GrpcService): ServiceDefinition {
  const folder = mkdtempSync(join(tmpdir(), 'peregrine-proto-'));
  const copy = join(folder, file);
  writeFileSync(copy, edit(readFileSync(join(import.meta.dirname, 'protos', file), 'utf8')));
  let found: unknown = loadPackageDefinition(loadSync(copy, { keepCase: true }));
  rmSync(folder, { recursive: true });
  // A package is an object of packages and services, as deep as its name has parts.
  for (const part of name.split('.')) found = (found as Record<string, unknown> | undefined)?.[part];
  return (found as { readonly service: ServiceDefinition }).service;
}

function withGarbage(service: ServiceDefinition, garbage: Uint8Array): ServiceDefinition {
  return Object.fromEntries(
    Object.entries(service).map(([name, method]) => [
      name,
      { ...method, responseSerialize: () => Buffer.from(garbage) },
    ]),
  );
}
