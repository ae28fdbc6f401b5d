/** A collector of OpenTelemetry, over HTTP and gRPC, that reads with another implementation of protocol buffers than ours. */

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import {
  type Metadata,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type ServiceError,
  type status,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { Certificates } from './certificates.ts';

export type Signal = 'logs' | 'traces' | 'metrics';

export interface Collected {
  readonly signal: Signal;
  /** As its definition names things; 64 bits are texts, bytes hexadecimal. */
  readonly message: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Collector {
  readonly httpUrl: string;
  /** Host and port. */
  readonly grpcTarget: string;
  readonly collected: Collected[];
  /** What comes of what follows: how many are refused, or a status. */
  answer: { readonly rejected?: number; readonly httpStatus?: number; readonly grpcStatus?: status };
  close(): Promise<void>;
}

const names = { logs: 'Logs', traces: 'Trace', metrics: 'Metrics' } as const;
const paths = { logs: 'logs', traces: 'trace', metrics: 'metrics' } as const;

function servicesOf(): Readonly<Record<Signal, ServiceDefinition>> {
  const definition = loadSync(join(import.meta.dirname, 'protos/otlp.proto'), {
    longs: String,
    bytes: String,
  });
  const of = (signal: Signal): ServiceDefinition => {
    const service = definition[`opentelemetry.proto.collector.${names[signal]}`] as ServiceDefinition; // It is one.
    // The real service's package differs for each signal, which one file cannot say.
    const path = `/opentelemetry.proto.collector.${paths[signal]}.v1.${names[signal]}Service/Export`;
    return { Export: { ...service.Export, path } } as ServiceDefinition; // The same, elsewhere.
  };
  return { logs: of('logs'), traces: of('traces'), metrics: of('metrics') };
}

export async function startCollector(certificates?: Certificates): Promise<Collector> {
  const services = servicesOf();
  const collector: Collector = {
    httpUrl: '',
    grpcTarget: '',
    collected: [],
    answer: {},
    close: async () => {
      http.closeAllConnections();
      http.close();
      grpc.forceShutdown();
    },
  };
  const keep = (signal: Signal, message: object, headers: Collected['headers']): void => {
    collector.collected.push({ signal, message: JSON.parse(JSON.stringify(message)), headers });
  };
  const answerOf = () => {
    const { rejected = 0 } = collector.answer;
    return rejected === 0 ? {} : { partialSuccess: { rejected, errorMessage: 'é'.repeat(200) } };
  };

  const http = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const signal = (['logs', 'traces', 'metrics'] as const).find((name) => incoming.url === `/v1/${name}`);
    const { httpStatus = 200 } = collector.answer;
    if (signal === undefined || httpStatus !== 200)
      return response.writeHead(signal === undefined ? 404 : httpStatus).end('no');
    const service = services[signal].Export;
    const bytes = Buffer.concat(chunks);
    const type = incoming.headers['content-type'] ?? '';
    const headers = Object.fromEntries(
      Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
    );
    const isJson = type === 'application/json';
    keep(
      signal,
      isJson ? JSON.parse(bytes.toString('utf8')) : (service?.requestDeserialize(bytes) ?? {}),
      headers,
    );
    const { partialSuccess } = answerOf();
    const refusedKey = { logs: 'rejectedLogRecords', traces: 'rejectedSpans', metrics: 'rejectedDataPoints' }[
      signal
    ];
    const json = partialSuccess && {
      partialSuccess: {
        [refusedKey]: String(partialSuccess.rejected),
        errorMessage: partialSuccess.errorMessage,
      },
    };
    const body = isJson ? JSON.stringify(json ?? {}) : (service?.responseSerialize(answerOf()) ?? '');
    response.writeHead(200, { 'content-type': type }).end(body);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));

  const grpc = new Server();
  for (const signal of ['logs', 'traces', 'metrics'] as const) {
    grpc.addService(services[signal], {
      Export: (
        call: { request: object; metadata: Metadata },
        done: (error: Partial<ServiceError> | null, answer?: object) => void,
      ) => {
        const { grpcStatus } = collector.answer;
        if (grpcStatus !== undefined) return done({ code: grpcStatus, details: 'no' });
        const headers = Object.entries(call.metadata.getMap()).map(([name, value]) => [name, String(value)]);
        keep(signal, call.request, Object.fromEntries(headers));
        done(null, answerOf());
      },
    });
  }
  const credentials =
    certificates === undefined
      ? ServerCredentials.createInsecure()
      : ServerCredentials.createSsl(
          null,
          [
            {
              cert_chain: readFileSync(certificates.server.cert),
              private_key: readFileSync(certificates.server.key),
            },
          ],
          false,
        );
  const port = await new Promise<number>((resolve, reject) => {
    grpc.bindAsync('127.0.0.1:0', credentials, (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  const { port: httpPort } = http.address() as AddressInfo; // It listens on an address.
  return Object.assign(collector, {
    httpUrl: `http://127.0.0.1:${httpPort}`,
    grpcTarget: `127.0.0.1:${port}`,
  });
}
