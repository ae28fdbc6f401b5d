/**
 * The parts of a Kubernetes API that outputs use: reports of policies, with versions, conflicts and the checks that their
 * definition asks for, and the proxy to services. Whoever is not known is turned away.
 */

import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Json, JsonDocument } from '@peregrine/base';
import type { Certificates } from './certificates.ts';

export interface KubeRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** Name in the client's certificate. */
  readonly certificate: string | undefined;
}

export interface KubeServer {
  readonly url: string;
  readonly requests: KubeRequest[];
  readonly namespaces: Set<string>;
  /** Objects by path. */
  readonly objects: Map<string, JsonDocument>;
  /** Values of `Authorization` that are let in, beside clients with a certificate. */
  readonly known: Set<string>;
  /** Called between what a client reads and what it writes. */
  beforeWrite: () => void;
  /** What services behind the proxy answer. */
  service: (request: KubeRequest) => {
    readonly status: number;
    readonly type?: string;
    readonly body: string;
  };
  close(): Promise<void>;
}

const group = '/apis/wgpolicyk8s.io/v1alpha2';

export async function startKubeServer({ authority, server: own }: Certificates): Promise<KubeServer> {
  const [cert, key, ca] = [own.cert, own.key, authority].map((file) => readFileSync(file, 'utf8'));
  const server = createServer({ cert, key, ca, requestCert: true, rejectUnauthorized: false });
  const kube: KubeServer = {
    url: '',
    requests: [],
    namespaces: new Set(['default']),
    objects: new Map(),
    known: new Set(),
    beforeWrite: () => {},
    service: () => ({ status: 200, body: '' }),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  server.on('request', async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const socket = incoming.socket as TLSSocket; // An HTTPS server has no others.
    const request: KubeRequest = {
      method: incoming.method ?? '',
      path: incoming.url ?? '',
      headers: incoming.headers,
      body: Buffer.concat(chunks).toString('utf8'),
      certificate: socket.authorized ? String(socket.getPeerCertificate().subject.CN) : undefined,
    };
    kube.requests.push(request);
    const { status, type = 'application/json', body } = answer(kube, request);
    response.writeHead(status, { 'content-type': type }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // It listens on an address.
  return Object.assign(kube, { url: `https://127.0.0.1:${port}` });
}

interface Answer {
  readonly status: number;
  readonly type?: string;
  readonly body: string;
}

function answer(kube: KubeServer, request: KubeRequest): Answer {
  if (request.certificate === undefined && !kube.known.has(request.headers.authorization ?? '')) {
    return failure(401, 'Unauthorized');
  }
  if (/^\/api\/v1\/namespaces\/[^/]+\/services\/[^/]+\/proxy\//.test(request.path))
    return kube.service(request);
  const namespace = new RegExp(`^${group}/namespaces/([^/]+)/policyreports`).exec(request.path)?.[1];
  const isKnown = namespace !== undefined || request.path.startsWith(`${group}/clusterpolicyreports`);
  if (!isKnown) return failure(404, 'the server could not find the requested resource');
  if (request.method === 'GET') return read(kube, request.path);
  kube.beforeWrite();
  if (namespace !== undefined && !kube.namespaces.has(namespace)) {
    return failure(404, `namespaces "${namespace}" not found`);
  }
  return write(kube, request);
}

function read(kube: KubeServer, path: string): Answer {
  const found = kube.objects.get(path);
  return found === undefined ? failure(404, 'not found') : { status: 200, body: JSON.stringify(found) };
}

function write(kube: KubeServer, { method, path, body }: KubeRequest): Answer {
  const sent: JsonDocument = JSON.parse(body);
  const wrong = faultOf(sent);
  if (wrong !== undefined) return failure(422, wrong);
  const metadata = sent.metadata as JsonDocument; // `faultOf` has looked.
  const at = method === 'POST' ? `${path}/${metadata.name}` : path;
  const before = kube.objects.get(at);
  if (method === 'POST' && before !== undefined) return failure(409, 'already exists');
  if (method === 'PUT' && before === undefined) return failure(404, 'not found');
  const version = versionOf(before);
  if (method === 'PUT' && metadata.resourceVersion !== version) {
    return failure(409, 'the object has been modified');
  }
  const stored = { ...sent, metadata: { ...metadata, resourceVersion: String(Number(version) + 1) } };
  kube.objects.set(at, stored);
  return { status: method === 'POST' ? 201 : 200, body: JSON.stringify(stored) };
}

function versionOf(object: JsonDocument | undefined): string {
  const metadata = object?.metadata as JsonDocument | undefined; // Stored objects have one.
  return String(metadata?.resourceVersion ?? '0');
}

const resultKeys: Readonly<Record<string, (value: Json) => boolean>> = {
  source: isText,
  policy: isText,
  rule: isText,
  category: isText,
  severity: (value) => ['critical', 'high', 'low', 'medium', 'info'].includes(String(value)),
  result: (value) => ['pass', 'fail', 'warn', 'error', 'skip'].includes(String(value)),
  message: isText,
  scored: (value) => typeof value === 'boolean',
  timestamp: (value) => isNumbers(value, ['seconds', 'nanos']),
  resources: (value) => Array.isArray(value) && value.every((entry) => isTexts(entry)),
  properties: isTexts,
};

/** What the definition of the objects says against it. */
function faultOf(object: JsonDocument): string | undefined {
  if (object.apiVersion !== 'wgpolicyk8s.io/v1alpha2') return 'apiVersion';
  if (!['PolicyReport', 'ClusterPolicyReport'].includes(String(object.kind))) return 'kind';
  if (typeof object.metadata !== 'object' || object.metadata === null) return 'metadata';
  if (!isNumbers(object.summary, ['pass', 'fail', 'warn', 'error', 'skip'])) return 'summary';
  if (!Array.isArray(object.results)) return 'results';
  for (const result of object.results as readonly JsonDocument[]) {
    if (result.policy === undefined) return 'results.policy';
    for (const [key, value] of Object.entries(result)) {
      if (resultKeys[key]?.(value) !== true) return `results.${key}`;
    }
  }
  return undefined;
}

function isText(value: Json): boolean {
  return typeof value === 'string';
}

function isTexts(value: Json): boolean {
  return typeof value === 'object' && value !== null && Object.values(value).every(isText);
}

function isNumbers(value: Json | undefined, keys: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).every(([key, part]) => keys.includes(key) && Number.isSafeInteger(part));
}

function failure(code: number, message: string): Answer {
  return {
    status: code,
    body: JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', message, code }),
  };
}
