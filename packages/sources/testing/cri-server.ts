/** A container runtime that speaks the Kubernetes interface: a real gRPC server, with another implementation of protocol buffers than ours. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  loadPackageDefinition,
  type Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { StopServer } from './docker-server.ts';

type Plain = Readonly<Record<string, unknown>>;

export interface CriContainer {
  readonly id: string;
  readonly sandboxId: string;
  /** A `ContainerStatus` without id, and the text of `info.info`. */
  readonly status: Plain;
  readonly info?: unknown;
}

export interface CriSandbox {
  readonly id: string;
  /** A `PodSandboxStatus` without id, and the text of `info.info`. */
  readonly status: Plain;
  readonly info?: unknown;
}

export interface CriServerOptions {
  readonly socket: string;
  readonly version?: 'v1' | 'v1alpha2';
  readonly runtimeName?: string;
  readonly containers?: readonly CriContainer[];
  readonly sandboxes?: readonly CriSandbox[];
  /** How it behaves: answers, never answers, or answers with these bytes in place of a message. */
  readonly manner?: 'answers' | 'hangs' | { readonly garbage: Uint8Array };
  /** Told of each question. */
  readonly onQuestion?: (method: string, request: Plain) => void;
}

const definition = join(import.meta.dirname, 'cri.proto');

function serviceOf(version: 'v1' | 'v1alpha2') {
  const folder = mkdtempSync(join(tmpdir(), 'peregrine-cri-'));
  const file = join(folder, 'cri.proto');
  writeFileSync(
    file,
    readFileSync(definition, 'utf8').replace('package runtime.v1;', `package runtime.${version};`),
  );
  const loaded = loadPackageDefinition(loadSync(file, { keepCase: true }));
  rmSync(folder, { recursive: true });
  // What the definition says: a package of one service.
  const found = loaded.runtime as unknown as Record<
    string,
    { RuntimeService: { service: Parameters<Server['addService']>[0] } }
  >;
  return found[version]?.RuntimeService.service ?? {};
}

export async function startCriServer(options: CriServerOptions): Promise<StopServer> {
  const { socket, version = 'v1', manner = 'answers', onQuestion = () => {} } = options;
  const service = serviceOf(version);
  const answers = answersOf(options);
  const implementation: UntypedServiceImplementation = {};
  for (const [method, answer] of Object.entries(answers)) {
    implementation[method] = (call: ServerUnaryCall<Plain, Plain>, done: sendUnaryData<Plain>): void => {
      onQuestion(method, call.request);
      if (manner === 'hangs') return;
      const given = answer(call.request);
      if (given === undefined)
        done({
          code: status.NOT_FOUND,
          details: 'no such thing',
          metadata: undefined as unknown as Metadata,
        });
      else done(null, given);
    };
  }
  const server = new Server();
  server.addService(
    typeof manner === 'object' ? withGarbage(service, manner.garbage) : service,
    implementation,
  );
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

function withGarbage(
  service: ReturnType<typeof serviceOf>,
  garbage: Uint8Array,
): ReturnType<typeof serviceOf> {
  return Object.fromEntries(
    Object.entries(service).map(([name, method]) => [
      name,
      { ...method, responseSerialize: () => Buffer.from(garbage) },
    ]),
  );
}

function answersOf(
  options: CriServerOptions,
): Readonly<Record<string, (request: Plain) => Plain | undefined>> {
  const { runtimeName = 'containerd', containers = [], sandboxes = [] } = options;
  const infoOf = (info: unknown): Plain =>
    info === undefined ? {} : { info: typeof info === 'string' ? info : JSON.stringify(info) };
  return {
    Version: () => ({
      version: '0.1.0',
      runtime_name: runtimeName,
      runtime_version: '1',
      runtime_api_version: 'v1',
    }),
    ListContainers: ({ filter }) => ({
      containers: containers
        .filter(({ id }) => id === (filter as Plain | null)?.id)
        .map(({ id, sandboxId }) => ({ id, pod_sandbox_id: sandboxId, created_at: Date.now() })),
    }),
    ContainerStatus: ({ container_id, verbose }) => {
      const found = containers.find(({ id }) => id === container_id);
      return (
        found && {
          status: { id: found.id, ...found.status },
          info: verbose === true ? infoOf(found.info) : {},
        }
      );
    },
    PodSandboxStatus: ({ pod_sandbox_id, verbose }) => {
      const found = sandboxes.find(({ id }) => id === pod_sandbox_id);
      return (
        found && {
          status: { id: found.id, ...found.status },
          info: verbose === true ? infoOf(found.info) : {},
        }
      );
    },
  };
}
