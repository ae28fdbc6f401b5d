/** A server that checks signatures as Amazon's services do (Signature Version 4), by means of its own. */

import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export const awsIdentity = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG' };

export interface AwsRequest {
  readonly target: string;
  readonly path: string;
  /** Of a session: what goes with keys that are not for ever. */
  readonly sessionToken: string | undefined;
  readonly body: Readonly<Record<string, unknown>>;
  readonly method: string;
  /** Names in lower case. */
  readonly headers: IncomingMessage['headers'];
  readonly bytes: Buffer;
}

export interface AwsAnswer {
  readonly status?: number;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export interface AwsServer {
  readonly url: string;
  readonly requests: AwsRequest[];
  close(): Promise<void>;
}

const digest = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex');
const keyed = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** `services`: what the signature must be for, one of them. Requests whose signature is wrong get 403, whatever `answer` says. */
export async function startAwsServer(
  services: string | readonly string[],
  answer: (request: AwsRequest) => AwsAnswer,
): Promise<AwsServer> {
  const requests: AwsRequest[] = [];
  const server = createServer(async (incoming, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of incoming) pieces.push(piece);
    const bytes = Buffer.concat(pieces);
    const isSigned = [services].flat().some((service) => isSignedWell(incoming, bytes, service));
    const text = bytes.toString('utf8');
    const request = {
      target: String(incoming.headers['x-amz-target'] ?? incoming.method),
      path: incoming.url ?? '',
      sessionToken: incoming.headers['x-amz-security-token']?.toString(),
      body: text.startsWith('{') ? JSON.parse(text) : {},
      method: incoming.method ?? '',
      headers: incoming.headers,
      bytes,
    };
    requests.push(request);
    const {
      status = 200,
      type = 'application/x-amz-json-1.1',
      headers = {},
      body,
    } = isSigned
      ? answer(request)
      : { status: 403, body: { __type: 'InvalidSignatureException', message: 'the signature is wrong' } };
    response.writeHead(status, { 'content-type': type, ...headers });
    response.end(typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // It listens on an address.
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function isSignedWell(request: IncomingMessage, body: Buffer, service: string): boolean {
  const { headers, method = '', url = '' } = request;
  const authorization =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      headers.authorization ?? '',
    );
  if (authorization === null) return false;
  const [, id, day = '', region = '', ofService = '', signed = '', signature] = authorization;
  if (id !== awsIdentity.accessKeyId || ofService !== service) return false;
  const [path = '', query = ''] = url.split('?');
  const given = headers['x-amz-content-sha256'];
  const bodyDigest = typeof given === 'string' ? given : digest(body);
  if (given !== undefined && given !== digest(body) && given !== 'UNSIGNED-PAYLOAD') return false;
  const canonical = [
    method,
    // Only the paths of S3 are signed as they are sent.
    service === 's3' ? path : path.split('/').map(encodeURIComponent).join('/'),
    query
      .split('&')
      .filter(Boolean)
      .map((pair) => (pair.includes('=') ? pair : `${pair}=`))
      .sort()
      .join('&'),
    ...signed.split(';').map((name) => `${name}:${String(headers[name] ?? '').trim()}`),
    '',
    signed,
    bodyDigest,
  ].join('\n');
  const scope = `${day}/${region}/${service}/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, digest(canonical)].join('\n');
  const key = [day, region, service, 'aws4_request'].reduce<string | Buffer>(
    (previous, part) => keyed(previous, part),
    `AWS4${awsIdentity.secretAccessKey}`,
  );
  return keyed(key, toSign).toString('hex') === signature;
}
